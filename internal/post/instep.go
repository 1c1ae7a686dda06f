package post

import (
	"bytes"
	"errors"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-smtp"
)

// errEarly ends a conversation that is out of step: an answer that was there before its question would be taken for the answer to
// another one, and in the end for the 250 to a message that nobody took.
var errEarly = errors.New("the server answers before it was asked")

// inStep is a connection on which a server speaks only when it was asked. It counts on a reader that takes a whole answer before it
// writes the next command.
type inStep struct {
	net.Conn
	said     []byte // read from the connection and not yet handed on
	body     bool   // a message is on its way: whether it is interrupted is looked at before its end
	deadline time.Time
}

// Read hands on a line at a time, so that what a server says too early stays where it is seen.
func (c *inStep) Read(b []byte) (int, error) {
	if len(c.said) == 0 {
		if err := c.fill(); err != nil {
			return 0, err
		}
	}
	line := c.said
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i+1]
	}
	n := copy(b, line)
	c.said = c.said[n:]
	return n, nil
}

func (c *inStep) fill() error {
	b := make([]byte, 4<<10)
	n, err := c.Conn.Read(b)
	if n > 0 { // an error comes again with the next Read
		c.said, err = b[:n], nil
	}
	return err
}

// Write refuses to ask while an answer is there to nothing.
func (c *inStep) Write(b []byte) (int, error) {
	if len(c.said) > 0 && !c.body {
		return 0, errEarly
	}
	return c.Conn.Write(b)
}

// SetDeadline keeps what it sets, because early has to disturb it.
func (c *inStep) SetDeadline(t time.Time) error {
	c.deadline = t
	return c.Conn.SetDeadline(t)
}

// glance is how long early looks whether something was said.
const glance = time.Millisecond

// early tells what a server said in the middle of a message: an *smtp.SMTPError where it refuses it, errEarly where it takes what it
// does not have, nil where it is silent, as it should be. A connection that broke shows with the end of the message.
func (c *inStep) early() error {
	if len(c.said) == 0 {
		if err := c.Conn.SetReadDeadline(time.Now().Add(glance)); err != nil {
			return nil
		}
		_ = c.fill()
		if err := c.Conn.SetReadDeadline(c.deadline); err != nil {
			return nil
		}
	}
	if len(c.said) == 0 {
		return nil
	}
	line, _, _ := strings.Cut(string(c.said), "\n")
	if code, err := strconv.Atoi(line[:min(len(line), 3)]); err == nil && code >= 400 && code <= 599 {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.NoEnhancedCode, Message: strings.TrimSpace(line[3:])}
	}
	return errEarly
}
