package notice_test

import (
	"encoding/json"
	"testing"

	"unmirror/takedown/notice"
	"unmirror/takedown/xarf"
)

// An address as a server lists it may hold what no URI may: its report holds it percent-encoded, and nothing that was encoded twice.
func TestAnAddressThatIsNoURIIsReportedAsOne(t *testing.T) {
	l := table(t)
	r, _ := l.Regime("dsa16")
	for url, want := range map[string]string{
		"https://files.example/a/letter [1].zip":     "https://files.example/a/letter%20%5B1%5D.zip",
		"http://[2001:db8::1]:8080/x[y]?a[]=1":       "http://[2001:db8::1]:8080/x%5By%5D?a%5B%5D=1",
		"https://files.example/a%20b/%5B1%5D#page=2": "https://files.example/a%20b/%5B1%5D#page=2",
		"https://files.example/?discount=100%&n=%4":  "https://files.example/?discount=100%25&n=%254",
		"https://files.example/x#a#b":                "https://files.example/x#a%23b",
		"https://old_files.example/x":                "https://old_files.example/x",
	} {
		f := notice.Sample(r, "", "host", "nl")
		f.Locations = []notice.Location{{URL: url, IP: "192.0.2.7", Seen: f.Date}}
		b, err := notice.XARF(f, envelope(), 0)
		if err != nil {
			t.Fatal(err)
		}
		var got struct{ URL string }
		if err := json.Unmarshal(b, &got); err != nil || got.URL != want {
			t.Errorf("%s becomes %s, want %s (%v)", url, got.URL, want, err)
		}
		if err := xarf.Validate(b); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}
