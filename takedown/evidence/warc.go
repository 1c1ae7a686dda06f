package evidence

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"
)

// field is one named field of a WARC record, in order.
type field struct{ name, value string }

// writeWARC writes the record as WARC/1.1 (ISO 28500:2017): warcinfo, request, the response's head alone, and a metadata
// record with the capture's circumstances and the explanation of the match. Each record is a gzip member of its own,
// as annex D of the standard asks.
func writeWARC(w io.Writer, r Record) error {
	info := "software: unmirror\r\nformat: WARC File Format 1.1\r\n" +
		"conformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n" +
		"description: heads only; the payload is left out on purpose\r\n"
	infoID, responseID := recordID(), recordID()
	at := r.Capture.Started
	if at.IsZero() {
		at = r.At
	}
	common := []field{{"WARC-Warcinfo-ID", infoID}, {"WARC-Target-URI", uri(r.Capture.URL)}}
	if ip, err := netip.ParseAddr(r.Capture.IP); err == nil {
		common = append(common, field{"WARC-IP-Address", ip.WithZone("").String()})
	}
	if err := writeRecord(w, "warcinfo", infoID, r.At, "application/warc-fields", []byte(info), []field{{"WARC-Filename", r.ID + ".warc.gz"}}); err != nil {
		return err
	}
	if r.Capture.RequestHead != "" {
		err := writeRecord(w, "request", recordID(), at, "application/http; msgtype=request", head(r.Capture.RequestHead),
			append(common[:len(common):len(common)], field{"WARC-Concurrent-To", responseID}))
		if err != nil {
			return err
		}
	}
	if r.Capture.ResponseHead != "" {
		// The block ends after the head: truncated for length is the standard's word for what was left out by choice.
		err := writeRecord(w, "response", responseID, at, "application/http; msgtype=response", head(r.Capture.ResponseHead),
			append(common[:len(common):len(common)], field{"WARC-Truncated", "length"}))
		if err != nil {
			return err
		}
		common = append(common, field{"WARC-Refers-To", responseID})
	}
	meta, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("write metadata: %w", err)
	}
	return writeRecord(w, "metadata", recordID(), r.At, "application/json", meta, common)
}

func writeRecord(w io.Writer, kind, id string, at time.Time, contentType string, block []byte, fields []field) error {
	sum := sha256.Sum256(block)
	var b bytes.Buffer
	b.WriteString("WARC/1.1\r\n")
	for _, f := range append([]field{
		{"WARC-Type", kind}, {"WARC-Record-ID", id}, {"WARC-Date", at.UTC().Format("2006-01-02T15:04:05.000Z")},
		{"Content-Type", contentType}, {"Content-Length", fmt.Sprint(len(block))},
		{"WARC-Block-Digest", "sha256:" + base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:])},
	}, fields...) {
		if f.value != "" {
			b.WriteString(f.name + ": " + f.value + "\r\n")
		}
	}
	b.WriteString("\r\n")
	b.Write(block)
	b.WriteString("\r\n\r\n")
	z := gzip.NewWriter(w)
	if _, err := z.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write %s record: %w", kind, err)
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("write %s record: %w", kind, err)
	}
	return nil
}

// head gives a head CRLF line ends and the empty line behind it, and nothing after that.
func head(s string) []byte {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	if i := strings.Index(s, "\n\n"); i >= 0 {
		s = s[:i]
	}
	return []byte(strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\r\n") + "\r\n\r\n")
}

// uri is fit for a WARC field: what no URI may hold bare (RFC 3986) is percent-encoded.
func uri(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// recordID is a random UUID (RFC 9562, version 4).
func recordID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("<urn:uuid:%x-%x-%x-%x-%x>", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
