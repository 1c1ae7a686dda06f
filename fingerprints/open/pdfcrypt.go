package open

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/rc4"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"io"
	"slices"
)

// pdfCrypt undoes the encryption of a document that anybody may read but not change: its password is empty (ISO 32000-2,
// 7.6). Only streams are decrypted; the strings that an image needs are too rare in such documents.
type pdfCrypt struct {
	key []byte
	aes bool
	own bool // the key is that of every stream (revision 5 and 6)
}

// pdfPad is what stands in for a password that is too short (ISO 32000-1, 7.6.3.3).
const pdfPad = "\x28\xBF\x4E\x5E\x4E\x75\x8A\x41\x64\x00\x4E\x56\xFF\xFA\x01\x08\x2E\x2E\x00\xB6\xD0\x68\x3E\x80\x2F\x0C\xA9\xFE\x64\x53\x69\x7A"

// decryption looks for the dictionary that says how the document is encrypted.
func (f *pdfFile) decryption() {
	for _, at := range slices.Backward(f.roots) {
		trailer := f.rootDict(at)
		d := f.dict(trailer["Encrypt"])
		if d == nil {
			continue
		}
		id, _ := f.get(firstOf(f.array(trailer["ID"]))).([]byte)
		f.crypt = f.newCrypt(d, id)
		return
	}
}

func firstOf(a []any) any {
	if len(a) == 0 {
		return nil
	}
	return a[0]
}

func (f *pdfFile) newCrypt(d pdfDict, id []byte) *pdfCrypt {
	c := &pdfCrypt{}
	version, revision := int(f.number(d["V"])), int(f.number(d["R"]))
	length := 5
	if n := int(f.number(d["Length"])) / 8; n >= 5 && n <= 16 && version > 1 {
		length = n
	}
	if version >= 4 {
		filter := f.dict(f.dict(d["CF"])[f.name(d["StmF"])])
		switch f.name(filter["CFM"]) {
		case "V2":
		case "AESV2", "AESV3":
			c.aes = true
		default:
			return nil // streams are not encrypted
		}
		length = 16
	}
	owner, _ := f.get(d["O"]).([]byte)
	user, _ := f.get(d["U"]).([]byte)
	if revision >= 5 {
		sealed, _ := f.get(d["UE"]).([]byte)
		c.own, c.key = true, pdfFileKey(user, sealed, revision)
		return c
	}
	h := md5.New()
	h.Write([]byte(pdfPad))
	h.Write(owner[:min(len(owner), 32)])
	h.Write(binary.LittleEndian.AppendUint32(nil, uint32(int64(f.number(d["P"])))))
	h.Write(id)
	if revision >= 4 && f.get(d["EncryptMetadata"]) == false {
		h.Write([]byte{255, 255, 255, 255})
	}
	key := h.Sum(nil)
	if revision >= 3 {
		for range 50 {
			sum := md5.Sum(key[:length])
			key = sum[:]
		}
	}
	c.key = key[:length]
	return c
}

// pdfFileKey opens the key of a document of revision 5 or 6 with the empty password (ISO 32000-2, 7.6.4.3.3); nil where
// what it needs is missing.
func pdfFileKey(user, sealed []byte, revision int) []byte {
	if len(user) < 48 || len(sealed) < 32 {
		return nil
	}
	sum := sha256.Sum256(user[40:48])
	key := sum[:]
	if revision >= 6 {
		key = pdfHash(key)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil
	}
	out := make([]byte, 32)
	cipher.NewCBCDecrypter(block, make([]byte, aes.BlockSize)).CryptBlocks(out, sealed[:32])
	return out
}

// pdfHash is algorithm 2.B of ISO 32000-2 for an empty password.
func pdfHash(k []byte) []byte {
	for done := 1; ; done++ {
		text := bytes.Repeat(k, 64)
		block, err := aes.NewCipher(k[:16])
		if err != nil {
			return nil
		}
		cipher.NewCBCEncrypter(block, k[16:32]).CryptBlocks(text, text)
		sum := 0
		for _, b := range text[:16] {
			sum += int(b)
		}
		switch sum % 3 {
		case 0:
			h := sha256.Sum256(text)
			k = h[:]
		case 1:
			h := sha512.Sum384(text)
			k = h[:]
		default:
			h := sha512.Sum512(text)
			k = h[:]
		}
		if done >= 64 && int(text[len(text)-1]) <= done-32 {
			return k[:32]
		}
	}
}

// reader decrypts a stream.
func (c *pdfCrypt) reader(r io.Reader, s *pdfBody) io.Reader {
	switch s.dict["Type"] {
	case pdfName("XRef"):
		return r
	}
	key := c.key
	if !c.own {
		o := s.object
		data := append(slices.Clone(key), byte(o.number), byte(o.number>>8), byte(o.number>>16), byte(o.generation), byte(o.generation>>8))
		if c.aes {
			data = append(data, "sAlT"...)
		}
		sum := md5.Sum(data)
		key = sum[:min(len(c.key)+5, 16)]
	}
	if !c.aes {
		stream, err := rc4.NewCipher(key)
		if err != nil {
			return failing{ErrDamaged}
		}
		return cipher.StreamReader{S: stream, R: r}
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return failing{ErrDamaged}
	}
	iv := make([]byte, aes.BlockSize)
	if _, err := io.ReadFull(r, iv); err != nil {
		return failing{ErrTruncated}
	}
	return &cbcReader{r: bufio.NewReaderSize(r, chunk), mode: cipher.NewCBCDecrypter(block, iv)}
}

// cbcReader decrypts blocks, of which the last one tells how much of it is filling.
type cbcReader struct {
	r    *bufio.Reader
	mode cipher.BlockMode
	have []byte
	buf  [4096]byte
}

func (c *cbcReader) Read(p []byte) (int, error) {
	if len(c.have) == 0 {
		n, err := io.ReadFull(c.r, c.buf[:])
		n -= n % aes.BlockSize
		if n == 0 {
			return 0, orEnd(err)
		}
		c.mode.CryptBlocks(c.buf[:n], c.buf[:n])
		if _, err := c.r.Peek(1); err != nil {
			if fill := int(c.buf[n-1]); fill >= 1 && fill <= aes.BlockSize {
				n -= fill
			}
		}
		c.have = c.buf[:n]
		if n == 0 {
			return 0, io.EOF
		}
	}
	n := copy(p, c.have)
	c.have = c.have[n:]
	return n, nil
}

func orEnd(err error) error {
	if err == io.ErrUnexpectedEOF {
		return io.EOF
	}
	return err
}
