package demo

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"path/filepath"
)

// RDAP is a registry of network addresses (RFC 9082, 9083) that knows the loopback only, and says so in its bootstrap (RFC 9224).
type RDAP struct {
	site
	Bootstrap string // address of the folder with ipv4.json and ipv6.json: what rdap.bootstrap of the configuration takes
}

// HostContact is the abuse address of the network in which the invented sites stand.
const HostContact = "abuse@hoster.example"

// StartRDAP listens on addr (a loopback address; port 0 takes a free one).
func StartRDAP(addr string) (*RDAP, error) {
	s := &RDAP{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /bootstrap/{file}", func(w http.ResponseWriter, r *http.Request) {
		body, ok := s.bootstrap(r.PathValue("file"))
		if !ok {
			http.NotFound(w, r)
			return
		}
		answer(w, http.StatusOK, "application/json", body)
	})
	mux.HandleFunc("GET /rdap/ip/{address}", s.ip)
	mux.HandleFunc("GET /rdap/ip/{address}/{length}", s.ip)
	if err := s.start(addr, mux); err != nil {
		return nil, err
	}
	s.Bootstrap = s.URL + "/bootstrap/"
	return s, nil
}

func (s *RDAP) bootstrap(file string) (any, bool) {
	networks := map[string][]string{"ipv4.json": {"127.0.0.0/8"}, "ipv6.json": {"::1/128"}}[file]
	if networks == nil {
		return nil, false
	}
	return map[string]any{"version": "1.0", "publication": written.Format("2006-01-02T15:04:05Z"), "description": "invented registry of the loopback",
		"services": [][][]string{{networks, {s.URL + "/rdap/"}}}}, true
}

// WriteBootstrap writes ipv4.json and ipv6.json into a folder, for those who prefer files.
func (s *RDAP) WriteBootstrap(dir string) error {
	for _, name := range []string{"ipv4.json", "ipv6.json"} {
		body, _ := s.bootstrap(name)
		b, err := json.MarshalIndent(body, "", " ")
		if err != nil {
			return fmt.Errorf("write bootstrap: %w", err)
		}
		if err := write(filepath.Join(dir, name), b); err != nil {
			return fmt.Errorf("write bootstrap: %w", err)
		}
	}
	return nil
}

func answer(w http.ResponseWriter, status int, kind string, body any) {
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

type object = map[string]any

func (s *RDAP) ip(w http.ResponseWriter, r *http.Request) {
	ip, err := netip.ParseAddr(r.PathValue("address"))
	if err != nil || !ip.IsLoopback() {
		answer(w, http.StatusNotFound, "application/rdap+json", object{"rdapConformance": []string{"rdap_level_0"}, "errorCode": 404, "title": "Not Found"})
		return
	}
	first, last, version := "127.0.0.0", "127.255.255.255", "v4"
	if ip.Is6() {
		first, last, version = "::1", "::1", "v6"
	}
	vcard := func(name, kind string, email ...string) []any {
		props := []any{[]any{"version", object{}, "text", "4.0"}, []any{"fn", object{}, "text", name}, []any{"kind", object{}, "text", kind}}
		for _, e := range email {
			props = append(props, []any{"email", object{"type": "abuse"}, "text", e})
		}
		return []any{"vcard", props}
	}
	// As most registries have it, the abuse role hangs below the organisation.
	abuse := object{"objectClassName": "entity", "handle": "AR1-EXAMPLE", "roles": []string{"abuse"}, "vcardArray": vcard("Abuse desk", "group", HostContact)}
	org := object{"objectClassName": "entity", "handle": "ORG-IH1-EXAMPLE", "roles": []string{"registrant"}, "vcardArray": vcard("Invented Hosting", "org"), "entities": []any{abuse}}
	answer(w, http.StatusOK, "application/rdap+json", object{
		"objectClassName": "ip network", "rdapConformance": []string{"rdap_level_0", "cidr0"}, "handle": first + " - " + last, "startAddress": first, "endAddress": last,
		"ipVersion": version, "name": "INVENTED-LOOPBACK", "type": "ASSIGNED PA", "country": "BE", "entities": []any{org},
		"links": []any{object{"rel": "self", "href": s.URL + r.URL.Path, "value": s.URL + r.URL.Path}},
	})
}
