package listing

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"unmirror/internal/testheap"
	"unmirror/internal/testneeds"
)

// files are invented contents of many sizes, by name.
func files(seed uint64, n int) map[string][]byte {
	r := rand.New(rand.NewPCG(seed, 1))
	all := map[string][]byte{"empty.txt": nil}
	for i := range n {
		b := make([]byte, 20+r.IntN(4000))
		for j := range b {
			b[j] = "abcdefgh ijklmnop\n"[r.IntN(18)]
		}
		all[fmt.Sprintf("map %d/bestand-%d.txt", i%5, i)] = b
	}
	return all
}

func want(files map[string][]byte, crc bool) (ms []Member) {
	for _, b := range files {
		if len(b) == 0 {
			continue
		}
		m := Member{Size: int64(len(b)), HasCRC: crc}
		if crc {
			m.CRC = crc32.ChecksumIEEE(b)
		}
		ms = append(ms, m)
	}
	return sorted(ms)
}

func sorted(ms []Member) []Member {
	ms = slices.Clone(ms)
	slices.SortFunc(ms, func(a, b Member) int { return int(a.Size-b.Size)<<1 + int(int64(a.CRC)-int64(b.CRC))>>40 })
	return ms
}

func same(t *testing.T, what string, l Listing, want []Member) {
	t.Helper()
	have := slices.Clone(l.Members)
	for i := range have {
		if !have[i].HasCRC {
			have[i].CRC = 0
		}
	}
	count := map[Member]int{}
	for _, m := range want {
		count[m]++
	}
	for _, m := range have {
		count[m]--
	}
	for m, n := range count {
		if n != 0 {
			t.Errorf("%s: %+v is listed %d times too few (%d members, want %d)", what, m, n, len(have), len(want))
			return
		}
	}
}

// byTail reads as one who asks for ranges from the end.
func byTail(t *testing.T, b []byte, first int) (Listing, int, error) {
	t.Helper()
	n := first
	for asked := 1; ; asked++ {
		l, need, err := Read(b[len(b)-n:], int64(len(b)))
		if need == 0 {
			return l, asked, err
		}
		if need <= int64(n) || need > int64(len(b)) || asked > 5 {
			t.Fatalf("of %d bytes with %d at hand it wants %d", len(b), n, need)
		}
		n = int(need)
	}
}

func writeFiles(t *testing.T, dir string, files map[string][]byte) {
	t.Helper()
	for name, b := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// archived runs a program that packs the current folder into the archive named last.
func archived(t *testing.T, files map[string][]byte, name, program string, args ...string) []byte {
	t.Helper()
	dir, out := t.TempDir(), filepath.Join(t.TempDir(), name)
	writeFiles(t, dir, files)
	cmd := exec.Command(program, append(args, out, ".")...)
	cmd.Dir = dir
	if log, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, log)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestArchivesOfRealProgramsAreListed(t *testing.T) {
	seven, info := testneeds.Program(t, "7z", "p7zip-full"), testneeds.Program(t, "zip", "zip")
	fs := files(1, 60)
	for _, c := range []struct {
		what      string
		name      string
		args      []string
		crc       bool
		encrypted bool
	}{
		{"zip", "a.zip", []string{info, "-q", "-r"}, true, false},
		{"zip -e", "a.zip", []string{info, "-q", "-r", "-P", "geheim"}, true, true},
		{"zip, stored", "a.zip", []string{info, "-q", "-0", "-r"}, true, false},
		{"zip with zip64", "a.zip", []string{info, "-q", "-fz", "-r"}, true, false},
		{"7z's zip with ZipCrypto", "a.zip", []string{seven, "a", "-bd", "-tzip", "-pgeheim", "-mem=ZipCrypto"}, true, true},
		{"7z's zip with AES", "a.zip", []string{seven, "a", "-bd", "-tzip", "-pgeheim", "-mem=AES256"}, false, true},
		{"7z", "a.7z", []string{seven, "a", "-bd"}, true, false},
		{"7z encrypted", "a.7z", []string{seven, "a", "-bd", "-pgeheim"}, true, true},
		{"7z, not solid", "a.7z", []string{seven, "a", "-bd", "-ms=off"}, true, false},
		{"7z with a plain header", "a.7z", []string{seven, "a", "-bd", "-mhc=off", "-pgeheim"}, true, true},
		{"7z with BCJ2 and LZMA", "a.7z", []string{seven, "a", "-bd", "-m0=BCJ2", "-m1=LZMA", "-m2=LZMA", "-m3=LZMA", "-mb0:1", "-mb0s1:2", "-mb0s2:3"}, true, false},
	} {
		b := archived(t, fs, c.name, c.args[0], c.args[1:]...)
		l, err := ReadAt(bytes.NewReader(b), int64(len(b)))
		if err != nil || l.Encrypted != c.encrypted || l.Partial || l.Document || "a."+l.Kind != c.name {
			t.Errorf("%s: %v, encrypted %v, partial %v, kind %s", c.what, err, l.Encrypted, l.Partial, l.Kind)
		}
		same(t, c.what, l, want(fs, c.crc))
		for _, first := range []int{0, 1 << 10, 5000, len(b) - 40} {
			l, asked, err := byTail(t, b, first)
			if err != nil || asked > 4 {
				t.Errorf("%s from the last %d of %d bytes: asked %d times, %v", c.what, first, len(b), asked, err)
			}
			same(t, c.what+" by its tail", l, want(fs, c.crc))
		}
	}
}

func TestAnEncryptedDirectorySaysSo(t *testing.T) {
	seven := testneeds.Program(t, "7z", "p7zip-full")
	b := archived(t, files(2, 60), "a.7z", seven, "a", "-bd", "-pgeheim", "-mhe=on")
	if _, err := ReadAt(bytes.NewReader(b), int64(len(b))); !errors.Is(err, ErrEncrypted) {
		t.Errorf("whole: %v", err)
	}
	if _, _, err := byTail(t, b, 2000); !errors.Is(err, ErrEncrypted) {
		t.Errorf("tail: %v", err)
	}
}

func zipped(t testing.TB, files map[string][]byte, comment string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.SetComment(comment); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestOddZipsAreListed(t *testing.T) {
	fs := files(3, 40)
	plain := zipped(t, fs, "")
	r := rand.New(rand.NewPCG(3, 3))
	program := make([]byte, 100_000)
	for i := range program {
		program[i] = byte(r.Uint32())
	}
	end := plain[len(plain)-endSize:]
	for what, b := range map[string][]byte{
		"a long comment":                       zipped(t, fs, string(bytes.Repeat([]byte("commentaar "), 5000))),
		"a comment with an end record in it":   zipped(t, fs, string(end)+"zo"),
		"a program before it":                  append(slices.Clone(program), plain...),
		"something behind it":                  append(slices.Clone(plain), program[:5000]...),
		"an end record of nothing behind it":   append(slices.Clone(plain), append([]byte(endMagic), make([]byte, 18)...)...),
		"the tail alone of what was cut ahead": plain[len(plain)/2:],
	} {
		l, err := ReadAt(bytes.NewReader(b), int64(len(b)))
		if what == "an end record of nothing behind it" { // it is a good, empty archive
			if err != nil || len(l.Members) > 0 {
				t.Errorf("%s: %v", what, err)
			}
			continue
		}
		if what == "the tail alone of what was cut ahead" && err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if err != nil || l.Partial {
			t.Errorf("%s: %v", what, err)
		}
		same(t, what, l, want(fs, true))
		if l, _, err = byTail(t, b, 1024); err != nil {
			t.Errorf("%s by its tail: %v", what, err)
		}
		same(t, what+" by its tail", l, want(fs, true))
	}
}

func TestAZipCutBeforeItsDirectoryIsListedByItsHeaders(t *testing.T) {
	info := testneeds.Program(t, "zip", "zip")
	fs := files(4, 60)
	for _, args := range [][]string{{"-q", "-r"}, {"-q", "-r", "-P", "geheim"}} {
		b := archived(t, fs, "a.zip", info, args...)
		b = b[:len(b)/2]
		l, err := ReadAt(bytes.NewReader(b), int64(len(b)))
		if err != nil || !l.Partial || len(l.Members) < 20 || len(l.Members) > 45 {
			t.Fatalf("%v: %d members, %v", args, len(l.Members), err)
		}
		all := want(fs, true)
		for _, m := range l.Members {
			if !slices.Contains(all, m) {
				t.Errorf("%v: %+v is no member", args, m)
			}
		}
	}
}

func TestADocumentIsNoArchive(t *testing.T) {
	b := zipped(t, map[string][]byte{"[Content_Types].xml": []byte("<x/>"), "word/document.xml": []byte("<y/>")}, "")
	if l, err := ReadAt(bytes.NewReader(b), int64(len(b))); err != nil || !l.Document {
		t.Errorf("%+v, %v", l, err)
	}
}

func TestWhatIsNoArchiveSaysSo(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	noise := make([]byte, 300_000)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	for what, b := range map[string][]byte{
		"nothing": {}, "text": bytes.Repeat([]byte("gewone tekst\n"), 9000), "noise": noise, "short": []byte("PK\x05\x06"),
		"gzip": append([]byte("\x1f\x8b\x08"), noise...),
	} {
		if _, err := ReadAt(bytes.NewReader(b), int64(len(b))); !errors.Is(err, ErrNone) && !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", what, err)
		}
		if _, _, err := byTail(t, b, 0); !errors.Is(err, ErrNone) && !errors.Is(err, ErrDamaged) {
			t.Errorf("%s by its tail: %v", what, err)
		}
	}
}

// rar4 and rar5 write archives of stored, encrypted-looking members: no free program writes them.
func rar4(files map[string][]byte) []byte {
	le := binary.LittleEndian
	b := []byte(rarMagic + "\x00")
	b = append(b, 0, 0, rar4Main, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0)
	for name, content := range files {
		h := []byte{0, 0, rar4File, 4, 0x80}
		h = le.AppendUint16(h, uint16(32+len(name)))
		h = le.AppendUint32(le.AppendUint32(h, uint32(len(content))), uint32(len(content)))
		h = le.AppendUint32(append(h, 3), crc32.ChecksumIEEE(content))
		h = append(h, 0, 0, 0, 0, 29, 0x30)
		h = le.AppendUint32(le.AppendUint16(h, uint16(len(name))), 0)
		b = append(append(append(b, h...), name...), content...)
	}
	return append(b, 0, 0, rar4End, 0, 0x40, 7, 0)
}

func rar5(files map[string][]byte, tweaked bool) []byte {
	b := []byte(rarMagic + "\x01\x00")
	block := func(body, data []byte) {
		b = append(b, 0, 0, 0, 0)
		b = append(binary.AppendUvarint(b, uint64(len(body))), body...)
		b = append(b, data...)
	}
	block([]byte{rar5Main, 0, 0}, nil)
	for name, content := range files {
		flag := byte(0)
		if tweaked {
			flag = 2
		}
		extra := []byte{4, 1, 0, flag, 15} // encryption: version, flags, and the rest of it
		body := binary.AppendUvarint([]byte{rar5File, 3, byte(len(extra))}, uint64(len(content)))
		body = binary.AppendUvarint(append(body, 4), uint64(len(content)))
		body = binary.LittleEndian.AppendUint32(append(body, 0), crc32.ChecksumIEEE(content))
		body = append(body, 0, 1, byte(len(name)))
		block(append(append(body, name...), extra...), content)
	}
	block([]byte{rar5End, 0, 0}, nil)
	return b
}

func TestRarsAreListed(t *testing.T) {
	fs := files(6, 30)
	program := append([]byte("MZ"), make([]byte, 40_000)...)
	for _, c := range []struct {
		what string
		b    []byte
		crc  bool
	}{
		{"rar 4", rar4(fs), true}, {"rar 5", rar5(fs, false), true}, {"rar 5 with keyed checksums", rar5(fs, true), false},
		{"rar 5 behind a program", append(program, rar5(fs, false)...), true},
	} {
		l, err := ReadAt(bytes.NewReader(c.b), int64(len(c.b)))
		if err != nil || !l.Encrypted || l.Partial || l.Kind != "rar" {
			t.Errorf("%s: %+v, %v", c.what, l.Encrypted, err)
		}
		same(t, c.what, l, want(fs, c.crc))
		// A cut may fall between two members, where nothing tells that more followed: so Partial is not asked for.
		half := c.b[:len(c.b)-len(rar5(fs, false))/3]
		if l, err = ReadAt(bytes.NewReader(half), int64(len(half))); err != nil || len(l.Members) < 10 || len(l.Members) >= len(fs) {
			t.Errorf("%s cut: %d members, %v", c.what, len(l.Members), err)
		}
	}
	locked := append([]byte(rarMagic+"\x01\x00"), 0, 0, 0, 0, 3, rar5Encryption, 0, 0)
	if _, err := ReadAt(bytes.NewReader(locked), int64(len(locked))); !errors.Is(err, ErrEncrypted) {
		t.Errorf("encrypted headers: %v", err)
	}
}

// huge is the tail of a zip64 of n members of which nothing else exists.
func huge(n int) []byte {
	le := binary.LittleEndian
	b := make([]byte, 0, n*(entrySize+12)+200)
	for i := range n {
		e := [entrySize + 12]byte{'P', 'K', 1, 2}
		le.PutUint32(e[16:], uint32(i)*2654435761)
		le.PutUint32(e[24:], uint32(i%5000+1))
		le.PutUint16(e[28:], 12)
		copy(e[entrySize:], fmt.Sprintf("%012d", i))
		b = append(b, e[:]...)
	}
	size := uint64(len(b))
	var end64 [end64Size]byte
	copy(end64[:], end64Magic)
	le.PutUint64(end64[32:], uint64(n))
	le.PutUint64(end64[40:], size)
	var locator [locatorSize]byte
	copy(locator[:], locatorMagic)
	end := [endSize]byte{'P', 'K', 5, 6, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	return slices.Concat(b, end64[:], locator[:], end[:])
}

func TestAMillionMembersAreListedInBoundedMemory(t *testing.T) {
	if !testheap.Alone(t) {
		return
	}
	const n = 1_000_000
	tail := huge(n)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	l, need, err := Read(tail, 1<<40)
	runtime.ReadMemStats(&after)
	if err != nil || need != 0 || len(l.Members) != n || l.Partial {
		t.Fatalf("%d members, need %d, %v", len(l.Members), need, err)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 120<<20 {
		t.Errorf("%d MB were allocated", grown>>20)
	}
	if _, need, err := Read(tail[len(tail)-5000:], 1<<40); err != nil || need != int64(len(tail)-end64Size-locatorSize-endSize+end64Size+locatorSize+endSize) {
		t.Errorf("wants %d of %d bytes, %v", need, len(tail), err)
	}
	if _, need, err := Read(huge(1_200_000)[1_000_000:], 1<<40); err == nil || need != 0 {
		t.Errorf("a directory beyond the limit: need %d, %v", need, err)
	}
}

func FuzzRead(f *testing.F) {
	fs := files(9, 4)
	f.Add(zipped(f, fs, "x"), int64(0))
	f.Add(rar4(fs), int64(0))
	f.Add(rar5(fs, true), int64(0))
	f.Add(huge(3), int64(1<<30))
	f.Add([]byte(sevenMagic+"\x00\x04........................................"), int64(0))
	f.Add([]byte{idHeader, idMain, idPack, 0, 1, idSize, 5, 0, idUnpack, idFolder, 1, 0, 1, 1, 0, idUnpackSize, 5, idCRC, 1, 1, 2, 3, 4, 0, 0, 0}, int64(2000))
	f.Add([]byte{idEncoded, idPack, 0, 1, idSize, 5, 0, idUnpack, idFolder, 1, 0, 1, 0x23, 3, 1, 1, 5, 0x5d, 0, 0, 1, 0, idUnpackSize, 40, 0, 0}, int64(2000))
	if path, err := exec.LookPath("7z"); err == nil {
		dir := f.TempDir()
		os.WriteFile(filepath.Join(dir, "a.txt"), bytes.Repeat([]byte("abc "), 99), 0o600)
		os.WriteFile(filepath.Join(dir, "b.txt"), bytes.Repeat([]byte("defg "), 99), 0o600)
		for _, extra := range []string{"-mhc=on", "-mhc=off", "-pgeheim"} {
			cmd := exec.Command(path, "a", "-bd", extra, "x"+extra+".7z", "a.txt", "b.txt")
			cmd.Dir = dir
			if cmd.Run() == nil {
				if b, err := os.ReadFile(filepath.Join(dir, "x"+extra+".7z")); err == nil {
					f.Add(b, int64(0))
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, more int64) {
		if more < 0 || more > 1<<50 {
			more = 0
		}
		for _, l := range []func() (Listing, error){
			func() (Listing, error) { return ReadAt(bytes.NewReader(b), int64(len(b))) },
			func() (Listing, error) {
				l, need, err := Read(b, int64(len(b))+more)
				if need != 0 && (need <= int64(len(b)) || need > MaxTail || need > int64(len(b))+more) {
					t.Fatalf("wants %d", need)
				}
				return l, err
			},
		} {
			got, err := l()
			if err != nil && len(got.Members) > 0 && !errors.Is(err, ErrDamaged) {
				t.Fatalf("members beside %v", err)
			}
			for _, m := range got.Members {
				if m.Size <= 0 {
					t.Fatalf("size %d", m.Size)
				}
			}
		}
	})
}
