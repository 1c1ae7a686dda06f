package evidence

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// samePayload is the profile of a revisit record whose content was captured before (WARC/1.1, section 6.7.2).
const samePayload = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"

// field is one named field of a WARC record, in order.
type field struct{ name, value string }

// warc writes the records of one file.
type warc struct {
	w    io.Writer
	info string // id of the warcinfo record
}

// writeWARC writes the record as WARC/1.1 (ISO 28500:2017): warcinfo, a pair of request and response for each redirect and for the
// capture itself, of the response the head alone, or a revisit record where the content was captured before, and a metadata record
// with the capture's circumstances and the explanation of the match. Each record is a gzip member of its own, as annex D of the
// standard asks.
func writeWARC(w io.Writer, r Record) error {
	info := "software: unmirror " + oneWord(r.Version) + "\r\nformat: WARC File Format 1.1\r\n" +
		"conformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n" +
		"isPartOf: " + oneWord(r.Case) + "\r\n" +
		"description: heads only; payloads are left out on purpose, their digests are of the bytes as they were transferred\r\n"
	f := &warc{w: w, info: recordID()}
	if err := f.write("warcinfo", f.info, r.At, "application/warc-fields", []byte(info), field{"WARC-Filename", r.ID + ".warc.gz"}); err != nil {
		return err
	}
	for _, h := range r.Capture.Hops {
		c := Capture{URL: h.URL, RequestHead: h.RequestHead, ResponseHead: h.ResponseHead, IP: h.IP, Started: h.Started}
		if err := f.pair(c, h.Started, recordID(), nil); err != nil {
			return err
		}
	}
	responseID := responseOf(r.ID)
	if err := f.pair(r.Capture, r.Responded(), responseID, r.Same); err != nil {
		return err
	}
	meta, err := json.MarshalIndent(newMetadata(r), "", "  ")
	if err != nil {
		return fmt.Errorf("write metadata: %w", err)
	}
	common := target(r.Capture)
	if r.Capture.ResponseHead != "" {
		common = append(common, field{"WARC-Concurrent-To", responseID}, field{"WARC-Refers-To", responseID})
	}
	return f.write("metadata", recordID(), r.At, "application/json", meta, append(common, f.part())...)
}

// target are the fields that each record of one address carries.
func target(c Capture) []field {
	out := []field{{"WARC-Target-URI", uri(c.URL)}}
	if ip, err := netip.ParseAddr(c.IP); err == nil {
		out = append(out, field{"WARC-IP-Address", ip.WithZone("").String()})
	}
	return out
}

func (f *warc) part() field { return field{"WARC-Warcinfo-ID", f.info} }

// pair writes a request and what came of it.
func (f *warc) pair(c Capture, at time.Time, responseID string, same *Earlier) error {
	common := append(target(c), f.part())
	common = common[:len(common):len(common)]
	if c.RequestHead != "" {
		err := f.write("request", recordID(), at, "application/http; msgtype=request", head(c.RequestHead), append(common, field{"WARC-Concurrent-To", responseID})...)
		if err != nil {
			return err
		}
	}
	if c.ResponseHead == "" {
		return nil
	}
	kind, more := "response", []field{}
	if sum, err := hex.DecodeString(c.BodySHA256); err == nil && len(sum) == sha256.Size {
		more = append(more, field{"WARC-Payload-Digest", digestOf(sum)})
	}
	if same != nil && len(more) > 0 {
		kind = "revisit"
		more = append(more, field{"WARC-Profile", samePayload}, field{"WARC-Refers-To", responseOf(same.ID)},
			field{"WARC-Refers-To-Target-URI", uri(same.URL)}, field{"WARC-Refers-To-Date", date(same.At)})
	}
	// The block ends after the head: truncated for length is the standard's word for what was left out by choice.
	more = append(more, field{"WARC-Truncated", "length"})
	return f.write(kind, responseID, at, "application/http; msgtype=response", head(c.ResponseHead), append(common, more...)...)
}

func (f *warc) write(kind, id string, at time.Time, contentType string, block []byte, fields ...field) error {
	sum := sha256.Sum256(block)
	var b bytes.Buffer
	b.WriteString("WARC/1.1\r\n")
	for _, f := range append([]field{
		{"WARC-Type", kind}, {"WARC-Record-ID", id}, {"WARC-Date", date(at)},
		{"Content-Type", contentType}, {"Content-Length", fmt.Sprint(len(block))},
		{"WARC-Block-Digest", digestOf(sum[:])},
	}, fields...) {
		if f.value != "" {
			b.WriteString(f.name + ": " + f.value + "\r\n")
		}
	}
	b.WriteString("\r\n")
	b.Write(block)
	b.WriteString("\r\n\r\n")
	z := gzip.NewWriter(f.w)
	if _, err := z.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write %s record: %w", kind, err)
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("write %s record: %w", kind, err)
	}
	return nil
}

// metadata is the metadata record: everything that is known, and what follows from it.
type metadata struct {
	Record
	Clock        clock         `json:"clock"`
	Certificates []certificate `json:"certificate_chain,omitempty"`
}

// clock sets the server's clock beside ours: whoever doubts a time sees how far the two were apart.
type clock struct {
	Local  time.Time  `json:"local"`            // when the answer was complete, by the clock of this machine
	Server *time.Time `json:"server,omitempty"` // its Date header
	Ahead  *float64   `json:"server_ahead_seconds,omitempty"`
}

// certificate says of a certificate what people ask; the whole of it stands in the capture.
type certificate struct {
	Subject string    `json:"subject"`
	Issuer  string    `json:"issuer"`
	Names   []string  `json:"names,omitempty"`
	Serial  string    `json:"serial"`
	From    time.Time `json:"from"`
	Until   time.Time `json:"until"`
	SHA256  string    `json:"sha256"`
}

func newMetadata(r Record) metadata {
	m := metadata{Record: r, Clock: clock{Local: r.Capture.Finished}}
	if m.Clock.Local.IsZero() {
		m.Clock.Local = r.Responded()
	}
	for _, l := range strings.Split(strings.ReplaceAll(r.Capture.ResponseHead, "\r\n", "\n"), "\n") {
		name, value, _ := strings.Cut(l, ":")
		if !strings.EqualFold(strings.TrimSpace(name), "Date") {
			continue
		}
		if at, err := http.ParseTime(strings.TrimSpace(value)); err == nil {
			// The header is made when the answer begins, so that the start of ours is the nearer one.
			ahead := at.Sub(r.Responded()).Seconds()
			at = at.UTC()
			m.Clock.Server, m.Clock.Ahead = &at, &ahead
			break
		}
	}
	for _, der := range r.Capture.Certificates {
		sum := sha256.Sum256(der)
		one := certificate{SHA256: hex.EncodeToString(sum[:])}
		if c, err := x509.ParseCertificate(der); err == nil {
			one.Subject, one.Issuer, one.Names, one.Serial = c.Subject.String(), c.Issuer.String(), c.DNSNames, c.SerialNumber.String()
			one.From, one.Until = c.NotBefore.UTC(), c.NotAfter.UTC()
		}
		m.Certificates = append(m.Certificates, one)
	}
	return m
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

// oneWord keeps anything but a plain word out of a field.
func oneWord(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r >= 0x7f {
			return '_'
		}
		return r
	}, s)
}

func date(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

func digestOf(sum []byte) string {
	return "sha256:" + base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum)
}

// responseOf is the id of the response record in the file of an evidence id: made from it alone (RFC 9562, version 8), because the
// daemon cannot read the file back to refer to it.
func responseOf(evidenceID string) string {
	sum := sha256.Sum256([]byte("unmirror response " + evidenceID))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	return urn(sum[:16])
}

// recordID is a random UUID (RFC 9562, version 4).
func recordID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return urn(b[:])
}

func urn(b []byte) string {
	return fmt.Sprintf("<urn:uuid:%x-%x-%x-%x-%x>", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
