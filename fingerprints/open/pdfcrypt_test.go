package open

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/rc4"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"unmirror/internal/testneeds"
)

// locked writes a PDF of one page with a line of text and an image, each encrypted under seal; dict is its Encrypt dictionary.
func locked(dict string, im scanned, seal func(number int, b []byte) []byte) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	stream := func(number int, dict string, body []byte) {
		body = seal(number, body)
		fmt.Fprintf(&b, "%d 0 obj\n<<%s/Length %d>>\nstream\n%s\nendstream\nendobj\n", number, dict, len(body), body)
	}
	b.WriteString("1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Count 1/Kids[3 0 R]>>\nendobj\n")
	b.WriteString("3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 5 0 R/Resources<</XObject<</I 4 0 R>>/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>\nendobj\n")
	stream(4, "/Type/XObject/Subtype/Image"+im.dict, im.data)
	stream(5, "", []byte("q 595 0 0 842 0 0 cm /I Do Q BT /F 12 Tf 50 50 Td (beneath the lock) Tj ET"))
	fmt.Fprintf(&b, "6 0 obj\n<</Filter/Standard%s>>\nendobj\ntrailer\n<</Root 1 0 R/Size 7/Encrypt 6 0 R/ID[<30313233343536373839616263646566><30313233343536373839616263646566>]>>\n%%%%EOF\n", dict)
	return b.Bytes()
}

func cbc(key, b []byte) []byte {
	fill := aes.BlockSize - len(b)%aes.BlockSize
	b = append(bytes.Clone(b), bytes.Repeat([]byte{byte(fill)}, fill)...)
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	iv := []byte("0123456789abcdef")
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(b, b)
	return append(iv, b...)
}

// TestDocumentsThatAnybodyMayReadAreDecrypted checks also that poppler reads what the test wrote: it stands for the standard.
func TestDocumentsThatAnybodyMayReadAreDecrypted(t *testing.T) {
	testneeds.Program(t, "pdftotext", "poppler-utils")
	m := drawnPage(240, 340)
	im := scanned{dict: sized(m) + "/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode", data: deflated(m.Pix)}
	owner := bytes.Repeat([]byte("o"), 32)
	id := []byte("0123456789abcdef")
	perObject := func(key []byte, number int, salt string) []byte {
		sum := md5.Sum(append(append(bytes.Clone(key), byte(number), 0, 0, 0, 0), salt...))
		return sum[:min(len(key)+5, 16)]
	}
	key := func(revision, length int) []byte {
		sum := md5.Sum(append(append(append([]byte(pdfPad), owner...), 0xfc, 0xff, 0xff, 0xff), id...))
		k := sum[:]
		for range 50 * (revision / 3) {
			again := md5.Sum(k[:length])
			k = again[:]
		}
		return k[:length]
	}
	// The user's entry, by which a reader knows that a password is right (algorithms 4 and 5).
	user := func(k []byte, revision int) []byte {
		if revision == 2 {
			out := make([]byte, 32)
			c, _ := rc4.NewCipher(k)
			c.XORKeyStream(out, []byte(pdfPad))
			return out
		}
		sum := md5.Sum(append([]byte(pdfPad), id...))
		out := sum[:]
		for i := range 20 {
			mixed := bytes.Clone(k)
			for j := range mixed {
				mixed[j] ^= byte(i)
			}
			c, _ := rc4.NewCipher(mixed)
			c.XORKeyStream(out, out)
		}
		return append(out, make([]byte, 16)...)
	}
	old := func(v, r, length int, more string) string {
		return fmt.Sprintf("/V %d/R %d/Length %d/P -4/O<%x>/U<%x>%s", v, r, 8*length, owner, user(key(r, length), r), more)
	}
	salts := []byte("validateunsealit") // eight bytes each
	fileKey := []byte("an invented key of 32 characters")
	newest := pdfHash(sha256Of(salts[8:]))
	sealedKey := make([]byte, 32)
	block, _ := aes.NewCipher(newest)
	cipher.NewCBCEncrypter(block, make([]byte, 16)).CryptBlocks(sealedKey, fileKey)
	entry := append(pdfHash(sha256Of(salts[:8])), salts...)
	for name, item := range map[string][]byte{
		"RC4, 40 bits": locked(old(1, 2, 5, ""), im, func(n int, b []byte) []byte {
			c, _ := rc4.NewCipher(perObject(key(2, 5), n, ""))
			out := bytes.Clone(b)
			c.XORKeyStream(out, b)
			return out
		}),
		"RC4, 128 bits": locked(old(2, 3, 16, ""), im, func(n int, b []byte) []byte {
			c, _ := rc4.NewCipher(perObject(key(3, 16), n, ""))
			out := bytes.Clone(b)
			c.XORKeyStream(out, b)
			return out
		}),
		"AES, 128 bits": locked(old(4, 4, 16, "/CF<</StdCF<</CFM/AESV2/Length 16/AuthEvent/DocOpen>>>>/StmF/StdCF/StrF/StdCF"), im, func(n int, b []byte) []byte {
			return cbc(perObject(key(4, 16), n, "sAlT"), b)
		}),
		"AES, 256 bits": locked(fmt.Sprintf("/V 5/R 6/Length 256/P -4/O<%x>/OE<%x>/U<%x>/UE<%x>/Perms<%x>/CF<</StdCF<</CFM/AESV3/Length 32/AuthEvent/DocOpen>>>>/StmF/StdCF/StrF/StdCF",
			make([]byte, 48), make([]byte, 32), entry, sealedKey, make([]byte, 16)), im, func(_ int, b []byte) []byte { return cbc(fileKey, b) }),
	} {
		v := mustView(t, newOpener(t, Limits{}, 1), "a.pdf", item)
		if !strings.Contains(v.textOf(0), "beneath the lock") {
			t.Errorf("%s: poppler does not read it: %s", name, v)
		}
		if len(v.pages) != 1 || unlike(t, v.pages[0].Raster, m) != 0 {
			t.Errorf("%s: %s", name, v)
		}
	}
}

func sha256Of(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:]
}
