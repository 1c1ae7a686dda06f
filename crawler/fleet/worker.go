package fleet

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// maxAnswer bounds what a coordinator may answer besides segments, in bytes.
const maxAnswer = 16 << 20

// ErrRefused says that the coordinator does not know the token.
var ErrRefused = errors.New("the coordinator refuses the token (fleet.token)")

// Client asks a coordinator.
type Client struct {
	base, token string
	http        *http.Client
	tag         string // of the index that was fetched last
}

// NewClient makes a client of the coordinator at base. CA holds certificates (PEM) that are trusted instead of the system's;
// empty: the system's.
func NewClient(base, token string, ca []byte) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return nil, errors.New("fleet.coordinator is no address")
	}
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if len(ca) > 0 {
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(ca) {
			return nil, errors.New("fleet.ca holds no certificate (PEM)")
		}
	}
	t := &http.Transport{TLSClientConfig: conf, Proxy: nil, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 2 * time.Minute,
		IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true}
	return &Client{base: strings.TrimRight(base, "/"), token: token, http: &http.Client{Transport: t,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, nil // the token goes nowhere else
}

// Close lets go of connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// get asks for a path; the caller closes the body.
func (c *Client) get(ctx context.Context, path string, header http.Header) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return nil, fmt.Errorf("ask coordinator: %w", err)
	}
	for k, v := range header {
		req.Header[k] = v
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	res, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask coordinator: %w", err)
	}
	switch res.StatusCode {
	case http.StatusOK, http.StatusNotModified, http.StatusNoContent:
		return res, nil
	}
	_ = res.Body.Close()
	if res.StatusCode == http.StatusUnauthorized {
		return nil, ErrRefused
	}
	return nil, fmt.Errorf("ask coordinator: it answers %s", res.Status)
}

func (c *Client) read(res *http.Response, into any) error {
	defer func() { _ = res.Body.Close() }() // read only
	if err := json.NewDecoder(io.LimitReader(res.Body, maxAnswer)).Decode(into); err != nil {
		return fmt.Errorf("read the coordinator's answer: %w", err)
	}
	return nil
}

// Health asks whether the coordinator is there and knows the token.
func (c *Client) Health(ctx context.Context) error {
	res, err := c.get(ctx, "/fleet/v1/health", nil)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// Welcome asks for the keys and settings.
func (c *Client) Welcome(ctx context.Context) (Welcome, error) {
	var w Welcome
	res, err := c.get(ctx, "/fleet/v1/welcome", nil)
	if err == nil {
		err = c.read(res, &w)
	}
	if err == nil && w.Protocol != Protocol {
		err = fmt.Errorf("the coordinator (version %s) speaks protocol %d and this worker %d: run the same version", w.Version, w.Protocol, Protocol)
	}
	return w, err
}

// Fetch brings the index in dir to the coordinator's generation: only segments that are missing are fetched, the manifest
// comes last, and what no generation names is deleted after a while. It is called by one goroutine at a time.
func (c *Client) Fetch(ctx context.Context, dir string) (changed bool, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return false, fmt.Errorf("make index folder: %w", err)
	}
	for try := 0; ; try++ {
		changed, err := c.fetch(ctx, dir)
		if err == nil || try == 3 || ctx.Err() != nil || errors.Is(err, ErrRefused) {
			return changed, err
		} // a segment may have been replaced meanwhile: the next list does not name it
	}
}

func (c *Client) fetch(ctx context.Context, dir string) (bool, error) {
	res, err := c.get(ctx, "/fleet/v1/index", http.Header{"If-None-Match": {c.tag}})
	if err != nil {
		return false, err
	}
	if res.StatusCode == http.StatusNotModified {
		return false, res.Body.Close()
	}
	tag := res.Header.Get("Etag")
	var l listing
	if err := c.read(res, &l); err != nil {
		return false, err
	}
	if len(l.Manifest) == 0 {
		c.tag = tag
		return false, nil // nothing is registered yet
	}
	m, err := readManifest(l.Manifest)
	if err != nil {
		return false, err
	}
	want := map[string]bool{}
	for _, s := range m.Index.Segments {
		want[s.Name] = true
	}
	for _, f := range l.Files {
		if !want[f.Name] {
			return false, errors.New("read the coordinator's answer: it lists what the index does not name")
		}
		if err := c.segment(ctx, dir, f); err != nil {
			return false, err
		}
	}
	old, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err == nil && string(old) == string(l.Manifest) {
		c.tag = tag
		return false, nil
	}
	if err := write(filepath.Join(dir, manifestName), func(w io.Writer) error { _, err := w.Write(l.Manifest); return err }); err != nil {
		return false, fmt.Errorf("write the index manifest: %w", err)
	}
	c.tag = tag
	return true, nil
}

// segment fetches one segment, if it is not there yet.
func (c *Client) segment(ctx context.Context, dir string, f file) error {
	path := filepath.Join(dir, f.Name)
	if st, err := os.Stat(path); err == nil && st.Size() == f.Bytes {
		return nil // its name was drawn at random when it was written, and its own checksums are read when it is opened
	}
	res, err := c.get(ctx, "/fleet/v1/index/"+f.Name, nil)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }() // read only
	err = write(path, func(w io.Writer) error {
		d := sha256.New()
		n, err := io.Copy(io.MultiWriter(w, d), io.LimitReader(res.Body, f.Bytes+1))
		if err != nil {
			return err
		}
		if n != f.Bytes || hex.EncodeToString(d.Sum(nil)) != f.SHA256 {
			return errors.New("it is not what the coordinator announced")
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("fetch segment: %w", err)
	}
	return nil
}

// write writes a file beside its name, syncs and renames it.
func write(path string, fill func(io.Writer) error) error {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(fill(f), f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path+".new"))
	}
	return os.Rename(path+".new", path)
}

// Tidy deletes the segments that the manifest does not name. It is called when nobody reads an older generation any more;
// maps of deleted files stay readable all the same.
func Tidy(dir string) error {
	raw, err := os.ReadFile(filepath.Join(dir, manifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("tidy index: %w", err)
	}
	m, err := readManifest(raw)
	if err != nil {
		return err
	}
	keep := map[string]bool{}
	for _, s := range m.Index.Segments {
		keep[s.Name] = true
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("tidy index: %w", err)
	}
	var errs []error
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), ".new")
		if segmentName.MatchString(name) && !keep[e.Name()] {
			errs = append(errs, os.Remove(filepath.Join(dir, e.Name())))
		}
	}
	return errors.Join(errs...)
}
