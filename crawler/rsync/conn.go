package rsync

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"time"
)

const (
	maxLine     = 4 << 10 // bytes of a line of the text protocol
	maxLines    = 5000
	maxMessages = 16 << 10 // bytes kept of what a daemon says beside the data
	quiet       = 60 * time.Second
	parting     = 5 * time.Second
)

// refusal is what a daemon says when it does not give something. It may hold file names: never for logs.
type refusal string

// Error does not tell the text, because it may hold a name.
func (r refusal) Error() string { return "the rsync daemon refuses" }

var (
	full    = regexp.MustCompile(`(?i)max connections|too many|try again|No space|Input/output|timeout`)
	barred  = regexp.MustCompile(`(?i)denied|auth|not permitted|refus|password`)
	unknown = regexp.MustCompile(`(?i)unknown module|no such file|not a directory|chdir failed|chroot failed`)
)

func (r refusal) status() int {
	switch {
	case unknown.MatchString(string(r)) && !barred.MatchString(string(r)):
		return http.StatusNotFound
	case barred.MatchString(string(r)):
		return http.StatusForbidden
	case full.MatchString(string(r)):
		return http.StatusServiceUnavailable
	}
	return http.StatusBadGateway
}

// conn is one connection, for one request.
type conn struct {
	raw  net.Conn
	r    *bufio.Reader
	stop func() bool
	motd bytes.Buffer // what the daemon says of itself
	left uint32       // bytes of the open data frame
	msgs bytes.Buffer // messages of the other frames
	seed [4]byte
	ends time.Time // until when everything before a file's body has to come; zero: somebody else watches
}

func newConn(ctx context.Context, raw net.Conn, most time.Duration) *conn {
	return &conn{ends: time.Now().Add(most), raw: raw, r: bufio.NewReaderSize(raw, 64<<10), stop: context.AfterFunc(ctx, func() { _ = raw.Close() })}
}

func (c *conn) close() {
	c.stop()
	_ = c.raw.Close()
}

// expect sets how long the daemon may stay quiet: a byte now and then does not keep a listing going for ever.
func (c *conn) expect() {
	d := time.Now().Add(quiet)
	if !c.ends.IsZero() && c.ends.Before(d) {
		d = c.ends
	}
	_ = c.raw.SetDeadline(d)
}

func (c *conn) write(b []byte) error {
	c.expect()
	if _, err := c.raw.Write(b); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	return nil
}

var errTalk = errors.New("an answer that is no rsync daemon's")

func (c *conn) line() (string, error) {
	c.expect()
	raw, err := c.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) || len(raw) > maxLine {
		return "", errTalk
	}
	if err != nil {
		return "", fmt.Errorf("read: %w", err)
	}
	return strings.TrimRight(string(raw), "\r\n"), nil
}

// greet exchanges versions and names a module.
func (c *conn) greet(module string) error {
	hello, err := c.line()
	if err != nil {
		return err
	}
	if strings.HasPrefix(hello, "@ERROR") {
		return refusal(hello)
	}
	if !strings.HasPrefix(hello, "@RSYNCD: ") {
		return errTalk
	}
	return c.write([]byte("@RSYNCD: 27\n" + module + "\n"))
}

// list asks for the modules.
func (c *conn) list() ([]string, error) {
	if err := c.greet("#list"); err != nil {
		return nil, err
	}
	var lines []string
	for range maxLines {
		l, err := c.line()
		switch {
		case errors.Is(err, io.EOF), strings.HasPrefix(l, "@RSYNCD: EXIT"):
			return lines, nil
		case err != nil:
			return nil, err
		case strings.HasPrefix(l, "@ERROR"):
			return nil, refusal(l)
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// enter opens a module.
func (c *conn) enter(module string) error {
	if err := c.greet(module); err != nil {
		return err
	}
	for range maxLines {
		l, err := c.line()
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(l, "@RSYNCD: OK"):
			return nil
		case strings.HasPrefix(l, "@RSYNCD: AUTHREQD"):
			return refusal("the module wants a password: auth")
		case strings.HasPrefix(l, "@ERROR"), strings.HasPrefix(l, "@RSYNCD: EXIT"):
			return refusal(l)
		}
		if c.motd.Len() < maxMessages {
			c.motd.WriteString(l + "\n")
		}
	}
	return errTalk
}

// send begins the transfer: the options of a sender, each argument a line, and the filter, which of a folder leaves out
// what lies deeper.
func (c *conn) send(path string, flat bool) error {
	arguments := "--server\n--sender\n-rt\n.\n" + escaped(path) + "\n\n"
	if err := c.write([]byte(arguments)); err != nil {
		return err
	}
	c.expect()
	if _, err := io.ReadFull(c.r, c.seed[:]); err != nil {
		return fmt.Errorf("read the seed: %w", err)
	}
	if string(c.seed[:]) == "@ERR" { // an old daemon that refuses at last
		l, err := c.line()
		if err != nil {
			return err
		}
		return refusal("@ERR" + l)
	}
	var filter []byte
	if flat {
		const rule = "- /*/*"
		filter = append(binary.LittleEndian.AppendUint32(filter, uint32(len(rule))), rule...)
	}
	return c.write(binary.LittleEndian.AppendUint32(filter, 0))
}

// escaped protects what the daemon would take for a pattern.
func escaped(path string) string {
	module, rest, _ := strings.Cut(path, "/")
	if strings.HasPrefix(rest, "-") { // the daemon cuts off the module and then reads an option
		path = module + "/./" + rest
	}
	if !strings.ContainsAny(path, "*?[") {
		return path // without a pattern in it, backslashes stand for themselves
	}
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

// The frames of a multiplexed stream: the tag is 7 and the kind of message.
const (
	frameBase = 7
	frameData = 0
)

// Read implements io.Reader over the data frames, keeping messages apart.
func (c *conn) Read(p []byte) (int, error) {
	for c.left == 0 {
		if err := c.frame(); err != nil {
			return 0, err
		}
	}
	c.expect()
	n, err := c.r.Read(p[:min(len(p), int(c.left))])
	c.left -= uint32(n)
	return n, err
}

func (c *conn) frame() error {
	c.expect()
	var head [4]byte
	if _, err := io.ReadFull(c.r, head[:]); err != nil {
		return err
	}
	h := binary.LittleEndian.Uint32(head[:])
	tag, size := h>>24, h&0xffffff
	if tag < frameBase {
		return errTalk
	}
	if tag == frameBase+frameData {
		c.left = size
		return nil
	}
	keep := min(int64(size), int64(max(maxMessages-c.msgs.Len(), 0)))
	if _, err := io.CopyN(&c.msgs, c.r, keep); err != nil {
		return err
	}
	_, err := io.CopyN(io.Discard, c.r, int64(size)-keep)
	return err
}

// said makes an error of the daemon's messages; without any, what was asked for is simply not there.
func (c *conn) said() error {
	if c.msgs.Len() == 0 {
		return refusal("no such file")
	}
	return refusal(c.msgs.String())
}

// goodbye ends the conversation as its protocol has it: two phases without files, and a last word.
func (c *conn) goodbye() {
	if c.write(bytes.Repeat([]byte{0xff}, 12)) != nil {
		return
	}
	_ = c.raw.SetDeadline(time.Now().Add(parting))
	_, _ = io.CopyN(io.Discard, c.r, maxMessages)
}
