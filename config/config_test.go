package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
)

func newRecipient(t testing.TB) string {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id.Recipient().String()
}

func write(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "unmirror.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// example is the file of the design, with every section.
func example(t testing.TB) string {
	return `
data: ./data
keys: ./data.keys
organisation:
  {name: Arbeidszorg Voorbeeld, role: controller, contact: DPO, email: dpo@example.org, telephone: "+32 2 000 00 00",
   address: "Voorbeeldstraat 1, Brussel", languages: [nl, fr]}
redis: {url: ""}
fleet: {listen: "", coordinator: "", token: "file:token", ca: "file:ca.pem"}
schedule: {recheck: "@hourly", outbox: "@every 1m", digest: "0 8 * * 1", purge: "@daily"}
crawler: {user_agent_contact: "mailto:crawl@example.org", allow_private: [10.0.0.0/8, "127.0.0.1:8081", localhost], max_item_bytes: 2GiB, per_host_delay: 2s}
matching: {notice_bits: 64}
evidence:
  recipients:
    - ` + newRecipient(t) + `
    - ` + newRecipient(t) + `
rdap: {bootstrap: ./rdap.json}
mail: {smtp: "smtp://user:hunter2@mail.example.org:587", imap: "", from: "takedown@example.org", password: "env:SMTP_PASSWORD"}
desk: {listen: "127.0.0.1:8080", public_url: "https://desk.example.org/"}
takedown: {gone_checks: 4, gone_apart: ""}
sources:
  - {name: mirror, kind: directory, url: "http://files.example.net/pub/", every: "@daily", depth: 5}
  - {name: board, kind: site, url: "https://board.example.net/", depth: 2, follow: "^https://board[.]", robots: known_items, robots_reason: "published addresses"}
  - {name: small-paste, kind: listing, url: "https://paste.example.net/recent", item: "a.paste", raw: "/raw/{id}"}
recipients:
  - {place: "example.org", email: "abuse@example.org", language: fr, kind: host, profile: {attachments: false, one_url: true, offers_in_eu: true}}
`
}

func TestLoadReadsEverySection(t *testing.T) {
	path := write(t, example(t))
	c, err := Load(path, []string{"SMTP_PASSWORD=geheim"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Path != path || len(c.Warnings) != 0 {
		t.Errorf("path %q, warnings %q", c.Path, c.Warnings)
	}
	if c.Crawler.MaxItemBytes != 2<<30 || c.Crawler.PerHostDelay != 2*time.Second || len(c.Crawler.AllowPrivate) != 3 {
		t.Errorf("crawler: %+v", c.Crawler)
	}
	if !slices.Equal(c.Organisation.Languages, []string{"nl", "fr"}) || c.Takedown.GoneChecks != 4 {
		t.Errorf("organisation %+v, takedown %+v", c.Organisation, c.Takedown)
	}
	if got, err := c.Mail.Password.Reveal(); err != nil || got != "geheim" {
		t.Errorf("password: %q, %v", got, err)
	}
	if got := c.Mail.SMTP.Reveal(); got != "smtp://user:hunter2@mail.example.org:587" {
		t.Errorf("smtp: %q", got)
	}
	mirror, small := c.Sources[0], c.Sources[2]
	if mirror.Every != "@daily" || mirror.Depth != 5 || small.Depth != 0 || mirror.Robots != "obey" || small.Raw != "/raw/{id}" || small.MaxItems != 100000 {
		t.Errorf("sources: %+v, %+v", mirror, small)
	}
	want := Recipient{Place: "example.org", Email: "abuse@example.org", Language: "fr", Kind: "host", Profile: Profile{OneURL: true, OffersInEU: true}}
	if c.Recipients[0] != want {
		t.Errorf("recipient: %+v", c.Recipients[0])
	}
	if c.PublicURL() != "https://desk.example.org" || !c.CookieSecure() {
		t.Errorf("public %q, secure %v", c.PublicURL(), c.CookieSecure())
	}
}

func TestLoadSearchesTheWorkingDirectoryAndGoesOnWithDefaults(t *testing.T) {
	if _, err := os.Stat(searched[1]); err == nil {
		t.Skipf("%s exists on this machine", searched[1])
	}
	t.Chdir(t.TempDir())
	c, err := Load("", nil)
	if err != nil || c.Path != "" || c.Desk.Listen != "127.0.0.1:8080" {
		t.Fatalf("without a file: %+v, %v", c, err)
	}
	if err := os.WriteFile("unmirror.yaml", []byte("desk: {listen: ':9090'}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err = Load("", nil)
	if err != nil || c.Path != "./unmirror.yaml" || c.Desk.Listen != ":9090" {
		t.Fatalf("with a file: %+v, %v", c, err)
	}
}

func TestLoadRefusesAPathThatDoesNotExistOrIsAFolder(t *testing.T) {
	if _, err := Load(filepath.Join(t.TempDir(), "none.yaml"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	if _, err := Load(t.TempDir(), nil); err == nil || !strings.Contains(err.Error(), "is a folder") {
		t.Errorf("folder: %v", err)
	}
}

func TestEmptyFilesAndEmptySectionsMeanDefaults(t *testing.T) {
	for _, text := range []string{"", "\n# nothing yet\n", "---\n", "mail:\n  # smtp: …\nsources:\n", "mail: {}\nsources: []\ndata:\n"} {
		c, err := Load(write(t, text), nil)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if c.Data != "./data" || c.Schedule.Recheck != "@hourly" || len(c.Sources) != 0 {
			t.Errorf("%q: %+v", text, c)
		}
	}
}

func TestEnvironmentWinsOverTheFile(t *testing.T) {
	path := write(t, "data: ./a\ncrawler: {per_host_delay: 2s}\norganisation: {languages: [nl]}\n")
	c, err := Load(path, []string{
		"UNMIRROR_DATA=/srv/unmirror", "UNMIRROR_CRAWLER_PER_HOST_DELAY=0", "UNMIRROR_ORGANISATION_LANGUAGES=fr, de",
		"UNMIRROR_MAIL_SMTP=smtp://127.0.0.1:2525", "UNMIRROR_MAIL_FROM=a@example.org", "UNMIRROR_LOG_LEVEL=", "HOME=/root",
		"UNMIRROR_TEST_REQUIRE=all", "UNMIRROR_DEMO_SEED=1",
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.Data != "/srv/unmirror" || c.KeysDir() != "/srv/unmirror.keys" || c.Crawler.PerHostDelay != 0 || c.Log.Level != "info" {
		t.Errorf("%+v", c)
	}
	if !slices.Equal(c.Organisation.Languages, []string{"fr", "de"}) || c.Mail.SMTP.String() != "smtp://127.0.0.1:2525" {
		t.Errorf("%+v, %v", c.Organisation, c.Mail.SMTP)
	}
	if len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "per_host_delay is 0") {
		t.Errorf("warnings: %q", c.Warnings)
	}
}

func TestUnknownVariablesWarnWithASuggestion(t *testing.T) {
	c, err := Load(write(t, ""), []string{"UNMIRROR_CRAWLER_PER_HOST_DELY=1s", "UNMIRROR_FROBNICATE=1"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"the variable UNMIRROR_CRAWLER_PER_HOST_DELY sets nothing; did you mean UNMIRROR_CRAWLER_PER_HOST_DELAY?",
		"the variable UNMIRROR_FROBNICATE sets nothing",
	}
	if !slices.Equal(c.Warnings, want) {
		t.Errorf("got %q", c.Warnings)
	}
}

func TestEveryKeyHasItsOwnVariable(t *testing.T) {
	seen := map[string]string{}
	for _, k := range globalKeys() {
		v := Variable(k.name)
		if other, twice := seen[v]; twice || isForeign(v) {
			t.Errorf("%s: variable %s is taken by %q or foreign", k.name, v, other)
		}
		seen[v] = k.name
	}
}

func TestGoneApartIsHalfOfTheShortestRecheckInterval(t *testing.T) {
	for spec, want := range map[string]time.Duration{
		"@every 1s": 500 * time.Millisecond, "@hourly": 30 * time.Minute, "0 8,9 * * *": 30 * time.Minute,
		"0 8 * * 1": 84 * time.Hour, "@every 3h": 90 * time.Minute,
	} {
		c := Defaults()
		c.Schedule.Recheck = spec
		if got := c.GoneApart(); got != want {
			t.Errorf("%s: %v, want %v", spec, got, want)
		}
		c.Takedown.GoneApart = time.Minute
		if got := c.GoneApart(); got != time.Minute {
			t.Errorf("%s with gone_apart: %v", spec, got)
		}
	}
}

func TestKeysLieOutsideTheData(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.MkdirAll("real/inside", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "real", "inside"), "link"); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		data, keys string
		refused    bool
	}{
		{"./data", "", false},
		{"./data/", "", false},
		{"./data", "./data.keys", false},
		{"./data", "./data", true},
		{"./data", "data/keys", true},
		{"./data", filepath.Join(dir, "data", "x", "keys"), true},
		{"./keys/data", "./keys", true},
		{"real", "link", true},
		{"real", "link/deeper", true},
		{".", "", false},
		{"/", "", true},
	} {
		c := Defaults()
		c.Keys = tc.keys
		err := c.UseData(tc.data)
		if (err != nil) != tc.refused {
			t.Errorf("data %q, keys %q: %v, refused should be %v", tc.data, tc.keys, err, tc.refused)
		}
		_, err = parse("f.yaml", []byte("data: "+tc.data+"\nkeys: "+tc.keys+"\n"), nil)
		if (err != nil) != tc.refused {
			t.Errorf("file with data %q, keys %q: %v, refused should be %v", tc.data, tc.keys, err, tc.refused)
		}
	}
}

func TestDoubtfulSettingsWarn(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"desk: {public_url: 'http://desk.example.org'}", "plain http"},
		{"desk: {public_url: 'https://desk.example.org', cookie_secure: never}", "cookie_secure is never"},
		{"sources: [{name: a, kind: feed, url: 'https://example.org/'}]", "user_agent_contact is empty"},
	} {
		c, err := Load(write(t, tc.text), nil)
		if err != nil || len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], tc.want) {
			t.Errorf("%s: %v, %v", tc.text, c, err)
		}
	}
	c, err := Load(write(t, "desk: {public_url: 'http://127.0.0.1:8080'}"), nil)
	if err != nil || len(c.Warnings) != 0 {
		t.Errorf("loopback: %v, %v", c.Warnings, err)
	}
}

func TestPublicURLCanBeVisited(t *testing.T) {
	for listen, want := range map[string]string{
		"127.0.0.1:8080": "http://127.0.0.1:8080", ":8080": "http://localhost:8080", "0.0.0.0:80": "http://localhost:80",
		"[::]:80": "http://localhost:80", "[::1]:80": "http://[::1]:80", "desk.intranet:80": "http://desk.intranet:80",
	} {
		c := Defaults()
		c.Desk.Listen = listen
		if got := c.PublicURL(); got != want {
			t.Errorf("%s: %s, want %s", listen, got, want)
		}
		if c.CookieSecure() {
			t.Errorf("%s: cookies for HTTPS only on a plain address", listen)
		}
	}
}

func TestAPublicPlaceNeedsNoAddress(t *testing.T) {
	c, err := parse("u.yaml", []byte("crawler: {user_agent_contact: 'https://example.org/bot'}\nsources:\n  - {name: pastes, kind: pastebin, every: '@every 1m'}\n"), nil)
	if err != nil || len(c.Sources) != 1 || c.Sources[0].URL != "https://scrape.pastebin.com/" {
		t.Fatalf("got %+v, %v", c.Sources, err)
	}
	if _, err := parse("u.yaml", []byte("sources:\n  - {name: a, kind: plik, url: 'https://plik.example/'}\n"), nil); err == nil || !strings.Contains(err.Error(), "sources[0]: has no items, which the kind plik needs") {
		t.Errorf("got %v", err)
	}
	if _, err := parse("u.yaml", []byte("sources:\n  - {name: a, kind: privatebin, items: ['https://bin.example/?058310c72f364949#key']}\n"), nil); err == nil || !strings.Contains(err.Error(), "u.yaml:2: sources[0]: has no url") {
		t.Errorf("got %v", err)
	}
}
