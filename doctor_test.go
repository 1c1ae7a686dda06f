package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// TestDoctorSaysWhatIsWrongWithASource: settings that only a sweep would trip over, a beacon out of the leak, and a kind
// that was never tried. It repeats nothing of the leak.
func TestDoctorSaysWhatIsWrongWithASource(t *testing.T) {
	dir := t.TempDir()
	config := write(t, filepath.Join(dir, "unmirror.yaml"), fmt.Sprintf(`
data: %[1]s/data
crawler: {user_agent_contact: "https://example.org/bot", second_exit: "socks5h://127.0.0.1:9"}
sources:
  - {name: good, kind: site, url: "https://example.org/"}
  - {name: authority, kind: site, url: "https://example.org/", tls: {ca: "%[1]s/none.pem"}}
  - {name: search, kind: searxng, url: "https://search.example/", beacons: ["85.07.30-033.28"]}
`, dir))
	write(t, filepath.Join(dir, "leak", "a.csv"), "name,number,birth,mail\nPia Onbestaand,85.07.30-033.28,1985-07-30,pia.onbestaand@example.org\nJo Verzonnen,90.02.01-997.04,1990-02-01,jo.verzonnen@example.org\n")
	before, _, _ := command(t, config, "doctor")
	if !strings.Contains(before, "source authority: ") || strings.Contains(before, "source good: ") {
		t.Errorf("before anything is registered:\n%s", before)
	}
	mustCommand(t, config, "leak", "add", "zorg", filepath.Join(dir, "leak"))
	after, errOut, code := command(t, config, "doctor")
	if code == exitDone || !strings.Contains(after, "source search: beacons[0]") || strings.Contains(after+errOut, "033.28") {
		t.Errorf("exit %d\n%s%s", code, after, errOut)
	}
	config = write(t, filepath.Join(dir, "other.yaml"), fmt.Sprintf(`
data: %s/data
crawler: {user_agent_contact: "https://example.org/bot"}
sources: [{name: search, kind: searxng, url: "https://search.example/", beacons: ["zebra-lantern"]}]
`, dir))
	if out, _, _ := command(t, config, "doctor"); !strings.Contains(out, "kind searxng is untried") || strings.Contains(out, "beacons") {
		t.Errorf("an untried kind is not marked:\n%s", out)
	}
}
