package config

import (
	"errors"
	"strings"
	"testing"
)

// FuzzLoad: whatever the file and a variable hold, parsing ends, problems have a line within the file, and what was taken
// satisfies what the rest of the program relies on.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(example(f)), "UNMIRROR_DATA=/srv")
	f.Add([]byte("sources: &a [*a]\n"), "UNMIRROR_LOG_LEVEL=loud")
	f.Add([]byte("a: &a [x, x]\nb: &b [*a, *a]\nsources: [*b, *b]\n"), "UNMIRROR_")
	f.Add([]byte("mail: {smtp: 'smtp://%zz', password: 'env:'}\n? [a]\n: b\n"), "UNMIRROR_CRAWLER_ALLOW_PRIVATE=,,")
	f.Add([]byte("schedule: {recheck: '@every 1s', outbox: 'TZ=0'}\n--- \n"), "UNMIRROR_MAIL_SMTP=smtp://a:b@c")
	f.Add([]byte("\xff\xfed\x00a\x00t\x00a\x00"), "=")
	f.Add([]byte("!!binary data: !!float .nan\nmatching: {notice_bits: .inf}\n"), "UNMIRROR_DATA=\x00")
	f.Fuzz(func(t *testing.T, raw []byte, variable string) {
		c, err := parse("u.yaml", raw, []string{variable})
		var all *Error
		if err != nil {
			if !errors.As(err, &all) || len(all.Problems) == 0 {
				t.Fatalf("an error without problems: %v", err)
			}
			lines := strings.Count(string(raw), "\n") + strings.Count(string(raw), "\r") + strings.Count(string(raw), "\x00\n") + 2
			for _, p := range all.Problems {
				if p.Line < 0 || p.Line > 3*lines || p.What == "" {
					t.Fatalf("problem %+v in a file of %d lines", p, lines)
				}
			}
			return
		}
		if c.GoneApart() <= 0 || c.Data == "" || c.Takedown.GoneChecks < 2 || c.Matching.NoticeBits <= 0 {
			t.Fatalf("was taken: %+v", c)
		}
		for _, s := range c.Sources {
			if s.Name == "" || s.URL == "" || s.MaxItems < 1 || (s.Robots == "known_items" && s.RobotsReason == "") {
				t.Fatalf("source was taken: %+v", s)
			}
		}
	})
}
