package folder

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestAnyNameComesBackThroughItsAddress(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := string(rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "name"))
		e, ok := New(name, 7, time.Time{}, false)
		if !ok {
			if name != "" && name != "." && name != ".." && !strings.ContainsAny(name, "/\x00") {
				t.Fatalf("%q was refused", name)
			}
			return
		}
		u, err := url.Parse("ftp://h/pub/")
		if err != nil {
			t.Fatal(err)
		}
		if u, err = u.Parse(e.URL); err != nil || u.Path != "/pub/"+name || u.RawQuery != "" || u.Fragment != "" {
			t.Fatalf("%q became %v, %v", name, u, err)
		}
	})
}

func TestAListingHasCaddysFormAndTheContact(t *testing.T) {
	a, _ := New("a b.txt", 62, time.Date(2024, 2, 3, 4, 5, 6, 0, time.FixedZone("", 3600)), false)
	b, _ := New("sub", -1, time.Time{}, true)
	got := JSON([]Entry{a, b}, "Welcome. Contact: Abuse@mirror.example!")
	want := `[{"name":"a b.txt","size":62,"url":"./a%20b.txt","mod_time":"2024-02-03T03:05:06Z","is_dir":false},` +
		`{"name":"sub","url":"./sub/","is_dir":true},{"name":"","url":"","is_dir":false,"contact":"mailto:Abuse@mirror.example"}]`
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if JSON(nil, "") != "[]" {
		t.Error("an empty folder is no empty list")
	}
	odd, _ := New("x", 1, time.Date(30_000, 1, 1, 0, 0, 0, 0, time.UTC), false)
	if !json.Valid([]byte(JSON([]Entry{odd}, ""))) || odd.Modified != nil {
		t.Error("a time that JSON cannot hold")
	}
}
