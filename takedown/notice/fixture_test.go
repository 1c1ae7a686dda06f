package notice_test

import (
	"io/fs"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"unmirror/takedown/law"
	"unmirror/takedown/notice"
)

// Invented throughout: RFC 2606 names, RFC 5737 addresses.
func facts(lang, kind string) notice.Facts {
	f := notice.Facts{
		Ticket: "UM-2026-000123", Regime: "dsa16", Language: lang, LeakTitle: "Arbeidsdienst Voorbeeld 2016",
		Notifier: notice.Party{
			Name: "Arbeidsdienst Voorbeeld vzw", Role: "controller", Contact: "Functionaris voor gegevensbescherming",
			Email: "dpo@dienst.example", Telephone: "+32 2 555 01 23", Address: "Voorbeeldstraat 1, 1000 Brussel",
		},
		RecipientKind: kind,
		Locations: []notice.Location{{
			URL: "https://files.mirror.example/pub/a/b/c/archive%202016-final-version-with-a-rather-long-path.zip?dl=1&x=2",
			IP:  "192.0.2.7", Host: "files.mirror.example", Seen: time.Date(2026, 11, 20, 8, 5, 0, 0, time.UTC),
		}},
		Grade: "passages", FileType: "docx", Coverage: 0.426, Bits: 212.5, Passages: 17, Subjects: 12,
		Categories: []string{"identity", "contact", "health"}, InArchive: true,
		Date: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC), StatusURL: "https://unmirror.example/status/UM-2026-000123",
	}
	if kind == "platform" {
		f.RecipientName = "Paste Example BV"
		f.Grade, f.FileType, f.Coverage, f.InArchive, f.Subjects = "identical", "csv", 1, false, 0
		f.Categories = []string{"identity", "finance"}
		f.Locations = append(f.Locations, notice.Location{URL: "http://198.51.100.9:8081/raw/abcdef", IP: "198.51.100.9", Host: "198.51.100.9", Part: "lines 12–40"})
		f.StatusURL = ""
	}
	return f
}

func envelope() notice.Envelope {
	return notice.Envelope{
		From: "takedown@dienst.example", FromName: "Dienst gegevensbescherming", To: "abuse@mirror.example",
		MessageID: "<ntc_1.1.a8f3@dienst.example>",
	}
}

func table(t testing.TB) law.Table {
	t.Helper()
	l, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

var loaded = sync.OnceValues(law.Load)

func compose(t testing.TB, f notice.Facts) notice.Draft {
	t.Helper()
	d, err := notice.Compose(table(t), f)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// folder is a law folder in memory.
type folder map[string]string

func (f folder) fs() fs.FS {
	m := fstest.MapFS{}
	for name, text := range f {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}
