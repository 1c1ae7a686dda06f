package xarf_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"unmirror/takedown/xarf"
)

func incident() xarf.Incident {
	party := xarf.Party{Org: "Arbeidsdienst Voorbeeld", Contact: "dpo@example.org", Domain: "example.org"}
	return xarf.Incident{
		ID: "0d5c3c1e-8a3a-4a53-9c39-3f3c0a1d2b4c", Time: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC), Reporter: party, Sender: party,
		URL: "https://files.example.net/a/b%20c.zip", IP: "192.0.2.7", Host: "files.example.net", Port: 443,
		Seen: time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC), Exposure: "open_directory", Categories: []string{"health", "identity"},
		Description: "Leaked personal data.", Ticket: "UM-2026-000123",
	}
}

func TestACompleteReportIsValidAndTheSameEachTime(t *testing.T) {
	a, err := xarf.Report(incident())
	if err != nil {
		t.Fatal(err)
	}
	if err := xarf.Validate(a); err != nil {
		t.Fatalf("%v\n%s", err, a)
	}
	b, _ := xarf.Report(incident())
	if !bytes.Equal(a, b) {
		t.Error("two renderings differ")
	}
	for _, want := range []string{`"medical"`, `"open_directory"`, `"ticket:um-2026-000123"`, `"source_identifier": "192.0.2.7"`} {
		if !bytes.Contains(a, []byte(want)) {
			t.Errorf("report lacks %s:\n%s", want, a)
		}
	}
}

func TestHostIdentifiesTheSourceWhenNoAddressIsKnown(t *testing.T) {
	i := incident()
	i.IP = ""
	b, _ := xarf.Report(i)
	if !bytes.Contains(b, []byte(`"source_identifier": "files.example.net"`)) || xarf.Validate(b) != nil {
		t.Errorf("%v\n%s", xarf.Validate(b), b)
	}
	i.Host, i.IP = "192.0.2.7", "192.0.2.7"
	if b, _ = xarf.Report(i); bytes.Contains(b, []byte(`"domain": "192`)) || xarf.Validate(b) != nil {
		t.Errorf("an address stands as domain, or %v\n%s", xarf.Validate(b), b)
	}
}

func TestNoReportCarriesEvidenceOrUnlistedWords(t *testing.T) {
	i := incident()
	i.Categories = []string{"health", "Jan Peeters 85.07.30-999.32"}
	i.Exposure = "burglary"
	i.Ticket = "UM 1; DROP"
	i.Description = strings.Repeat("é", 2000)
	b, _ := xarf.Report(i)
	if err := xarf.Validate(b); err != nil {
		t.Error(err)
	}
	for _, not := range []string{"Peeters", "burglary", "DROP", "evidence\"", "sample_records"} {
		if bytes.Contains(b, []byte(not)) {
			t.Errorf("report holds %q", not)
		}
	}
}

func TestValidateNamesEachFieldThatIsMissingOrWrong(t *testing.T) {
	good, _ := xarf.Report(incident())
	for _, f := range []string{"xarf_version", "report_id", "timestamp", "reporter", "sender", "source_identifier", "category", "type", "url", "data_types", "exposure_method"} {
		if err := xarf.Validate(change(t, good, f, nil)); err == nil || !strings.Contains(err.Error(), f+": missing") {
			t.Errorf("without %s: %v", f, err)
		}
	}
	for f, v := range map[string]any{
		"xarf_version": "3.0.0", "report_id": "17", "timestamp": "yesterday", "reporter": map[string]any{"org": "x"}, "sender": "me",
		"source_identifier": "no host at all", "category": "messaging", "type": "phishing", "url": "/relative", "data_types": []string{},
		"exposure_method": "magic", "source_port": 70000, "domain": "-a-", "tags": []string{"no namespace"}, "evidence": []string{},
		"sample_records": []string{}, "_internal": map[string]any{}, "description": strings.Repeat("x", 1001), "verified_at": "",
	} {
		if err := xarf.Validate(change(t, good, f, v)); err == nil || !strings.Contains(err.Error(), f+": ") {
			t.Errorf("bad %s: %v", f, err)
		}
	}
	if err := xarf.Validate([]byte("[]")); err == nil {
		t.Error("an array is valid")
	}
}

func TestPartiesHaveExactlyThreeKeys(t *testing.T) {
	good, _ := xarf.Report(incident())
	p := map[string]any{"org": "A", "contact": "a@example.org", "domain": "example.org", "phone": "1"}
	if err := xarf.Validate(change(t, good, "reporter", p)); err == nil {
		t.Error("a fourth key passes")
	}
}

func change(t *testing.T, b []byte, field string, v any) []byte {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	if m[field] = v; v == nil {
		delete(m, field)
	}
	out, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func FuzzValidateNeverPanics(f *testing.F) {
	good, _ := xarf.Report(incident())
	f.Add(good)
	f.Add([]byte(`{"reporter":{"org":1},"data_types":[1],"tags":{}}`))
	f.Fuzz(func(t *testing.T, b []byte) { _ = xarf.Validate(b) })
}

func TestOnlyAURIOfTheStandardIsReported(t *testing.T) {
	for url, want := range map[string]bool{
		"https://files.example.net/a/b%20c.zip": true, "http://[2001:db8::1]:8080/x?a=/?&b=(1)#c": true, "ftp://u@x.example/%5B1%5D": true,
		"http://x.example": true, "http://x.example/~a;b=1,2!$&'*+": true,
		"http://x.example/[1].zip": false, "http://x.example/?a[]=1": false, "http://x.example/a%zz": false, "http://x.example/a%": false,
		"http://x.example/?100%": false, "http://x.example/a#b#c": false, "http://x.example/a^b": false, "http://x.example/ä": false, "http:///x": false, "x": false,
	} {
		i := incident()
		i.URL = url
		b, _ := xarf.Report(i)
		if err := xarf.Validate(b); (err == nil) != want {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestAHostWithAnUnderscoreIsReportedWithoutADomain(t *testing.T) {
	i := incident()
	i.Host = "old_files.example.net"
	for _, ip := range []string{i.IP, ""} {
		i.IP = ip
		if b, _ := xarf.Report(i); bytes.Contains(b, []byte(`"domain": "old_`)) || xarf.Validate(b) != nil {
			t.Errorf("%v\n%s", xarf.Validate(b), b)
		}
	}
}
