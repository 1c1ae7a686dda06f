package open

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"testing"
)

func TestEveryContainerYieldsItsMembersWhateverItIsCalled(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	files := []file{{"b/één.txt", []byte(letter)}, {"leeg.txt", nil}}
	for name, c := range map[string]struct {
		build func(t *testing.T) []byte
		kind  string
		path  string
	}{
		"zip":     {func(t *testing.T) []byte { return zipOf(t, files...) }, "zip", "x.jpg!/b/één.txt"},
		"stored":  {func(t *testing.T) []byte { return storedZip(t, files...) }, "zip", "x.jpg!/b/één.txt"},
		"tar":     {func(t *testing.T) []byte { return tarOf(t, files...) }, "tar", "x.jpg!/b/één.txt"},
		"tar.gz":  {func(t *testing.T) []byte { return gz(tarOf(t, files...)) }, "gz", "x.jpg!/b/één.txt"},
		"tar.bz2": {func(t *testing.T) []byte { return bz2(t, tarOf(t, files...)) }, "bz2", "x.jpg!/b/één.txt"},
		"tar.xz":  {func(t *testing.T) []byte { return xzOf(t, tarOf(t, files...)) }, "xz", "x.jpg!/b/één.txt"},
		"tar.zst": {func(t *testing.T) []byte { return zst(t, tarOf(t, files...)) }, "zst", "x.jpg!/b/één.txt"},
		"7z":      {func(t *testing.T) []byte { return sevenZ(t, files) }, "7z", "x.jpg!/b/één.txt"},
		"rar":     {func(t *testing.T) []byte { return rar5(files...) }, "rar", "x.jpg!/b/één.txt"},
		"gz":      {func(t *testing.T) []byte { return gz([]byte(letter)) }, "gz", "x.jpg!/x.jpg"},
	} {
		t.Run(name, func(t *testing.T) {
			h := mustOpen(t, o, "some/folder/x.jpg", c.build(t))
			if h.parts[0].Type != c.kind || h.parts[0].Path != "" || h.parts[0].Parent != -1 {
				t.Errorf("item is %+v, want type %s", h.parts[0], c.kind)
			}
			p := h.at(t, c.path)
			if string(h.data[p.Index]) != letter || h.textOf(p.Index) != letter || p.Type != "text" || p.Parent != 0 {
				t.Errorf("wrong member: %s", h)
			}
			for i, err := range h.ends {
				if err != nil {
					t.Errorf("part %d: %v", i, err)
				}
			}
		})
	}
}

func TestNestedContainersAreOpenedAndATarGzIsOneLevel(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	inner := gz(tarOf(t, file{"d.txt", []byte(letter)}, file{"e.zip", storedZip(t, file{"f.docx", docxOf(t, []string{letter}, nil)})}))
	h := mustOpen(t, o, "a.zip", zipOf(t, file{"c.tar.gz", inner}, file{"plain.gz", gz([]byte(letter))}))
	if got := h.textOf(h.at(t, "a.zip!/c.tar.gz!/d.txt").Index); got != letter {
		t.Errorf("d.txt: %q", got)
	}
	docx := h.at(t, "a.zip!/c.tar.gz!/e.zip!/f.docx")
	if docx.Type != "docx" || !bytes.Contains([]byte(h.textOf(docx.Index)), []byte("Vandergucht")) {
		t.Errorf("f.docx: %s", h)
	}
	if e := h.at(t, "a.zip!/c.tar.gz!/e.zip"); e.Type != "zip" {
		t.Errorf("a stored docx within it does not make e.zip a document: %s", h)
	}
	h.at(t, "a.zip!/plain.gz!/plain")
}

func TestALargeMemberIsKeptByTheParentAndOpenedAtRandom(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	noise := make([]byte, 5<<20)
	rand.Read(noise)
	inner := storedZip(t, file{"noise.bin", noise}, file{"last.txt", []byte(letter)})
	h := mustOpen(t, o, "a.zip", storedZip(t, file{"inner.zip", inner}))
	if got := h.textOf(h.at(t, "a.zip!/inner.zip!/last.txt").Index); got != letter {
		t.Fatalf("last.txt: %q", got)
	}
	if !bytes.Equal(h.data[h.at(t, "a.zip!/inner.zip").Index], inner) || !bytes.Equal(h.data[h.at(t, "a.zip!/inner.zip!/noise.bin").Index], noise) {
		t.Fatal("bytes differ")
	}
}

func TestATruncatedContainerYieldsItsFirstMembers(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	var files []file
	for i := range 20 {
		noise := make([]byte, 20_000)
		rand.Read(noise)
		files = append(files, file{fmt.Sprintf("%02d.bin", i), append([]byte(letter), noise...)})
	}
	for name, c := range map[string]struct {
		item []byte
		at   int
	}{
		"zip":        {zipOf(t, files...), 10},
		"stored zip": {storedZip(t, files...), 10},
		"tar":        {tarOf(t, files...), 10},
		"tar.gz":     {gz(tarOf(t, files...)), 9},
		"tar.xz":     {xzOf(t, tarOf(t, files...)), 8},
		"tar.zst":    {zst(t, tarOf(t, files...)), 7},
		"rar":        {rar5(files...), 10},
	} {
		t.Run(name, func(t *testing.T) {
			h := mustOpen(t, o, "a", c.item[:len(c.item)/2])
			if !errors.Is(h.ends[0], ErrTruncated) && !errors.Is(h.ends[len(h.parts)-1], ErrTruncated) {
				t.Errorf("no word of the cut: %s", h)
			}
			whole := 0
			for _, p := range h.parts[1:] { // among them what noise that follows a text is taken for
				if h.ends[p.Index] == nil && slices.ContainsFunc(files, func(f file) bool { return bytes.Equal(h.data[p.Index], f.body) }) {
					whole++
				}
			}
			if whole < c.at-1 {
				t.Errorf("%d whole members, want %d: %s", whole, c.at-1, h)
			}
		})
	}
}

func TestACut7zSaysSo(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	b := sevenZ(t, []file{{"a.txt", []byte(letter)}})
	h := mustOpen(t, o, "a.7z", b[:len(b)/2])
	if !errors.Is(h.ends[0], ErrTruncated) {
		t.Errorf("end: %v", h.ends[0])
	}
}

func TestEncryptedMembersEndSoAndTheOthersGoOn(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	plain := zipOf(t, file{"a.txt", []byte(letter)}, file{"b.txt", []byte(letter)})
	for _, magic := range []string{"PK\x03\x04", "PK\x01\x02"} { // set the flag of the first file in both its headers
		i := bytes.Index(plain, []byte(magic))
		flags := i + 6
		if magic == "PK\x01\x02" {
			flags = i + 8
		}
		plain[flags] |= 1
	}
	h := mustOpen(t, o, "a.zip", plain)
	if !errors.Is(h.ends[1], ErrEncrypted) || h.ends[2] != nil || h.textOf(2) != letter {
		t.Errorf("zip: %s", h)
	}
	h = mustOpen(t, o, "a.7z", sevenZ(t, []file{{"a.txt", []byte(letter)}}, "-psecret"))
	if len(h.parts) != 2 || !errors.Is(h.ends[1], ErrEncrypted) {
		t.Errorf("7z: %s", h)
	}
	h = mustOpen(t, o, "a.7z", sevenZ(t, []file{{"a.txt", []byte(letter)}, {"b.txt", []byte(letter)}}, "-psecret", "-mx0", "-ms=off"))
	if len(h.parts) != 3 || !errors.Is(h.ends[1], ErrEncrypted) || !errors.Is(h.ends[2], ErrEncrypted) {
		t.Errorf("stored 7z: %s", h)
	}
	stored := sevenZ(t, []file{{"a.txt", []byte(letter)}}, "-mx0")
	if h = mustOpen(t, o, "a.7z", stored); len(h.parts) != 2 || h.ends[1] != nil || h.textOf(1) != letter {
		t.Errorf("stored 7z: %s", h)
	}
	stored[40] ^= 1
	if h = mustOpen(t, o, "a.7z", stored); !errors.Is(h.ends[1], ErrDamaged) {
		t.Errorf("damaged 7z: %s", h)
	}
	h = mustOpen(t, o, "a.7z", sevenZ(t, []file{{"a.txt", []byte(letter)}}, "-psecret", "-mhe=on"))
	if !errors.Is(h.ends[0], ErrEncrypted) {
		t.Errorf("7z with encrypted names: %s", h)
	}
}

func TestSeveralGzipMembersAndPaddingAreOneStream(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	item := append(append(gz([]byte("first\n")), gz([]byte("second\n"))...), make([]byte, 512)...)
	h := mustOpen(t, o, "log.gz", item)
	if got := string(h.data[h.at(t, "log.gz!/log").Index]); got != "first\nsecond\n" || h.ends[0] != nil || h.ends[1] != nil {
		t.Errorf("got %q: %s", got, h)
	}
}

func TestHostileMemberNamesAreMadeHarmless(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	for raw, want := range map[string]string{
		"../../etc/passwd":    "etc/passwd",
		"/abs/x":              "abs/x",
		`..\..\win\x`:         "win/x",
		"a\x00b\x1b[2J\u202e": "ab[2J",
		"caf\x82.txt":         "café.txt",
		"":                    "unnamed",
		"!/!/x":               "!/!/x",
	} {
		if got := memberName(raw); got != want {
			t.Errorf("memberName(%q) = %q, want %q", raw, got, want)
		}
	}
	h := mustOpen(t, o, "../../x/../evil.tar", tarOf(t, file{"../../../y", []byte("y")}))
	h.at(t, "evil.tar!/y")
}

func TestADamagedMemberDoesNotCostTheOthers(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	item := zipOf(t, file{"a.txt", bytes.Repeat([]byte(letter), 50)}, file{"b.txt", []byte(letter)})
	copy(item[60:], "\xff\xff\xff\xff\xff\xff\xff\xff")
	h := mustOpen(t, o, "a.zip", item)
	if len(h.parts) != 3 || !errors.Is(h.ends[1], ErrDamaged) || h.textOf(2) != letter {
		t.Errorf("%s", h)
	}
}

func TestAnXzThatAsksForTooMuchMemoryIsRefused(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	item := xzOf(t, []byte(letter))
	i := bytes.Index(item, []byte{0x21, 1}) // the filter's name and the size of its properties
	item[i+2] = 38                          // a dictionary of 2 GiB
	h := mustOpen(t, o, "a.zip", zipOf(t, file{"a.xz", item}, file{"b.txt", []byte(letter)}))
	if limitOf(h.ends[1]) != "memory" || h.textOf(2) != letter {
		t.Errorf("%s", h)
	}
}

func TestAnArchiveBehindSomethingElseIsOpened(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	noise := func(n int) []byte {
		b := make([]byte, n)
		rand.Read(b)
		return b
	}
	stubs := map[string][]byte{
		"picture": []byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00"), "program": []byte("MZ\x90\x00"), "image": []byte("\x89PNG\r\n\x1a\n"),
	}
	archives := map[string][]byte{
		"zip": zipOf(t, file{"a.txt", []byte(letter)}), "7z": sevenZ(t, []file{{"a.txt", []byte(letter)}}), "rar": rar5(file{"a.txt", []byte(letter)}),
	}
	for stub, head := range stubs {
		for name, archive := range archives {
			for _, n := range []int{100, 70_000, 65_536 - 8, 300_000} {
				item := append(append(bytes.Clone(head), noise(n)...), archive...)
				h := mustOpen(t, o, "cat.jpg", item)
				if got := h.textOf(h.at(t, "cat.jpg!/a.txt").Index); got != letter {
					t.Errorf("%s behind a %s of %d bytes: %q", name, stub, n, got)
				}
				packed := mustOpen(t, o, "b.tar", tarOf(t, file{"cat.jpg", item}))
				if n < 1000 && !bytes.Contains([]byte(fmt.Sprint(packed.parts)), []byte("cat.jpg!/a.txt")) {
					t.Errorf("%s behind a %s in an archive is not opened", name, stub)
				}
			}
		}
		if h := mustOpen(t, o, "cat.jpg", append(append(bytes.Clone(head), noise(200_000)...), "PK\x03\x04 Rar!\x1a\x07 7z\xbc\xaf\x27\x1c\x00"...)); h.ends[0] != nil || len(h.parts) != 1 {
			t.Errorf("a %s that holds signatures alone: %s", stub, h)
		}
	}
}
