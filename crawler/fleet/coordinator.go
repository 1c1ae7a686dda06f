// Package fleet gives workers what they need to take part in sweeps: a coordinator serves its index and keys, a worker
// fetches and caches them and shows a sign of life. It never hands out the record, nor a key that opens it.
package fleet

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"unmirror/crawler/plane"
)

// Protocol is the version of what coordinator and worker say to each other and leave in the plane.
const Protocol = 2

// Welcome is what a worker is told at its start. It is sent over TLS and kept in memory only.
type Welcome struct {
	Protocol     int           `json:"protocol"`
	Version      string        `json:"version"`
	Matching     [32]byte      `json:"matching"` // PRF key of the fingerprints
	Names        [32]byte      `json:"names"`    // opens known files' names
	Plane        plane.Key     `json:"plane"`
	Contact      string        `json:"contact"` // of the user agent: all of a fleet names the same
	Delay        time.Duration `json:"delay"`
	MaxItemBytes int64         `json:"max_item_bytes"`
	NoticeBits   float64       `json:"notice_bits"`
}

// Coordinator is what is served.
type Coordinator struct {
	Welcome Welcome
	Index   string // folder of the index
	Token   string // that workers show; never empty
	Log     *slog.Logger
}

// The index as it lies on disk: a manifest, and segments that never change.
const manifestName = "MANIFEST"

var segmentName = regexp.MustCompile(`^seg-[0-9a-f]+\.seg$`)

// listing is the index as a worker is told of it.
type listing struct {
	Manifest []byte `json:"manifest"` // as it lies on disk
	Files    []file `json:"files"`
}

type file struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// manifest is the part of the index's manifest that is read here.
type manifest struct {
	Index struct {
		Generation uint64 `json:"generation"`
		Segments   []struct {
			Name  string `json:"name"`
			Bytes int64  `json:"bytes"`
		} `json:"segments"`
	} `json:"index"`
}

func readManifest(raw []byte) (m manifest, err error) {
	if err := json.Unmarshal(raw, &m); err != nil {
		return m, fmt.Errorf("read the index manifest: %w", err)
	}
	for _, s := range m.Index.Segments {
		if !segmentName.MatchString(s.Name) || s.Bytes < 0 {
			return m, errors.New("read the index manifest: it names what is no segment")
		}
	}
	return m, nil
}

// coordinator answers workers.
type coordinator struct {
	Coordinator
	token [32]byte

	mu  sync.Mutex
	sum map[string]string // of segments, by name: they never change
}

// Handler serves the index and the keys to whoever shows the token.
func Handler(c Coordinator) (http.Handler, error) {
	if len(c.Token) < 16 {
		return nil, errors.New("fleet.token is shorter than 16 characters: whoever guesses it gets the matching key")
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	h := &coordinator{Coordinator: c, token: sha256.Sum256([]byte(c.Token)), sum: map[string]string{}}
	h.Welcome.Protocol = Protocol
	mux := http.NewServeMux()
	mux.HandleFunc("GET /fleet/v1/welcome", h.welcome)
	mux.HandleFunc("GET /fleet/v1/index", h.index)
	mux.HandleFunc("GET /fleet/v1/index/{name}", h.segment)
	mux.HandleFunc("GET /fleet/v1/health", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	return h.known(mux), nil
}

// known lets only workers in. The comparison takes the same time whatever was shown.
func (h *coordinator) known(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		shown, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		got := sha256.Sum256([]byte(shown))
		if subtle.ConstantTimeCompare(got[:], h.token[:]) != 1 || !ok {
			h.Log.WarnContext(r.Context(), "a worker without the token was refused", "from", r.RemoteAddr)
			http.Error(w, http.StatusText(http.StatusUnauthorized), http.StatusUnauthorized)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func (h *coordinator) answer(w http.ResponseWriter, r *http.Request, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		h.Log.WarnContext(r.Context(), "a worker went away", "err", err)
	}
}

func (h *coordinator) welcome(w http.ResponseWriter, r *http.Request) { h.answer(w, r, h.Welcome) }

// index lists the current generation; 304 when the worker has it.
func (h *coordinator) index(w http.ResponseWriter, r *http.Request) {
	l, gen, err := h.list()
	if err != nil {
		h.Log.ErrorContext(r.Context(), "index not served", "err", err)
		http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
		return
	}
	tag := `"` + strconv.FormatUint(gen, 10) + `"`
	w.Header().Set("Etag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.answer(w, r, l)
}

func (h *coordinator) list() (listing, uint64, error) {
	for try := 0; ; try++ {
		l, gen, err := h.listOnce()
		if err == nil || !errors.Is(err, fs.ErrNotExist) || try == 5 {
			return l, gen, err
		} // a segment was replaced between the two reads
	}
}

func (h *coordinator) listOnce() (listing, uint64, error) {
	raw, err := os.ReadFile(filepath.Join(h.Index, manifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return listing{}, 0, nil // nothing was registered yet
	}
	if err != nil {
		return listing{}, 0, fmt.Errorf("read the index manifest: %w", err)
	}
	m, err := readManifest(raw)
	if err != nil {
		return listing{}, 0, err
	}
	l := listing{Manifest: raw}
	for _, s := range m.Index.Segments {
		sum, err := h.digest(s.Name)
		if err != nil {
			return l, 0, err
		}
		l.Files = append(l.Files, file{Name: s.Name, Bytes: s.Bytes, SHA256: sum})
	}
	return l, m.Index.Generation, nil
}

// digest is a segment's SHA-256, computed once.
func (h *coordinator) digest(name string) (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if sum, ok := h.sum[name]; ok {
		return sum, nil
	}
	f, err := os.Open(filepath.Join(h.Index, name))
	if err != nil {
		return "", fmt.Errorf("digest segment: %w", err)
	}
	defer func() { _ = f.Close() }() // read only
	d := sha256.New()
	if _, err := io.Copy(d, f); err != nil {
		return "", fmt.Errorf("digest segment: %w", err)
	}
	h.sum[name] = hex.EncodeToString(d.Sum(nil))
	return h.sum[name], nil
}

func (h *coordinator) segment(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if !segmentName.MatchString(name) {
		http.NotFound(w, r)
		return
	}
	// A large segment over a slow line takes longer than the server lets other answers take.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{}) // where it is not supported, there is no deadline
	f, err := os.Open(filepath.Join(h.Index, name))
	if err != nil {
		http.NotFound(w, r) // replaced meanwhile: the worker asks for the list again
		return
	}
	defer func() { _ = f.Close() }() // read only
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, r, "", time.Time{}, f)
}
