package evidence

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/textproto"
	"strconv"
	"testing"
	"time"
)

// FuzzWARC feeds hostile heads and addresses: whatever a server says, each record stays well formed.
func FuzzWARC(f *testing.F) {
	f.Add("https://a.example/", "HTTP/1.1 200 OK\r\nA: b\r\n\r\n", "203.0.113.7")
	f.Add("https://a.example/\r\nWARC-Type: response", "WARC/1.1\r\n\r\n", "1.2.3.4\r\nX: y")
	f.Add("\x00\xff", "\n\n\n", "fe80::1%eth0")
	f.Fuzz(func(t *testing.T, url, head, ip string) {
		at := time.Unix(0, 0)
		r := Record{ID: "evidence_f", At: at, Capture: Capture{URL: url, RequestHead: head, ResponseHead: head, IP: ip, Started: at}}
		var b bytes.Buffer
		if err := writeWARC(&b, r); err != nil {
			t.Fatal(err)
		}
		packed := bufio.NewReader(&b)
		for {
			z, err := gzip.NewReader(packed)
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			z.Multistream(false)
			checkRecord(t, bufio.NewReader(z))
		}
	})
}

func checkRecord(t *testing.T, rec *bufio.Reader) {
	t.Helper()
	if line, _ := rec.ReadString('\n'); line != "WARC/1.1\r\n" {
		t.Fatalf("a record begins with %q", line)
	}
	h, err := textproto.NewReader(rec).ReadMIMEHeader()
	if err != nil || len(h["Warc-Type"]) != 1 || len(h["X"]) != 0 {
		t.Fatalf("%v, %v", h, err)
	}
	n, err := strconv.Atoi(h.Get("Content-Length"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(io.Discard, rec, int64(n)); err != nil {
		t.Fatal(err)
	}
	if rest, _ := io.ReadAll(rec); string(rest) != "\r\n\r\n" {
		t.Fatalf("a record ends with %q", rest)
	}
}
