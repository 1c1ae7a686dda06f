package takedown

import (
	"errors"
	"strings"
)

// Code is the machine's word for a refusal.
type Code string

// The codes.
const (
	CodeForbidden  Code = "forbidden"
	CodeStale      Code = "stale"
	CodeIncomplete Code = "incomplete"
	CodeBlocked    Code = "blocked"
	CodeState      Code = "state"
	CodeInvalid    Code = "invalid"
	CodeNotFound   Code = "not_found"
	CodeSecond     Code = "second"
)

// Error is a refusal: a code for machines and a sentence for people, which never holds a URL or a victim's data.
// Everything else that comes back from a docket is an internal error.
type Error struct {
	Code     Code
	Sentence string
}

// The refusals, to compare with errors.Is; what is returned carries its own sentence.
var (
	ErrForbidden  = &Error{CodeForbidden, "Your role may not do this."}
	ErrStale      = &Error{CodeStale, "This changed in the meantime. Read it again."}
	ErrIncomplete = &Error{CodeIncomplete, "The notice is not complete."}
	ErrBlocked    = &Error{CodeBlocked, "The notice holds an identifier of a person in the leak."}
	ErrState      = &Error{CodeState, "This cannot be done in the present state."}
	ErrInvalid    = &Error{CodeInvalid, "This is not a usable value."}
	ErrNotFound   = &Error{CodeNotFound, "There is no such thing."}
	ErrSecond     = &Error{CodeSecond, "It takes a second person."} // what the first one said is kept
)

// Error is the sentence.
func (e *Error) Error() string { return e.Sentence }

// Is compares codes, so that errors.Is(err, ErrStale) holds for each stale refusal.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// IncompleteError is ErrIncomplete with what is missing: one plain sentence each.
type IncompleteError struct{ Missing []string }

// Error lists what is missing.
func (e *IncompleteError) Error() string {
	return ErrIncomplete.Sentence + " " + strings.Join(e.Missing, " ")
}

// Unwrap gives the code.
func (e *IncompleteError) Unwrap() error { return ErrIncomplete }

// BlockedError is ErrBlocked with what the guard found and in which field, never the value.
type BlockedError struct {
	Blocked  []string
	Location bool // it is the exact location alone: counsel may accept it, with a reason
}

// Error lists what was found.
func (e *BlockedError) Error() string {
	if e.Location {
		return "The address itself holds an identifier of a person in the leak: accept it with a reason, or reject the notice."
	}
	return ErrBlocked.Sentence + " Remove it: " + strings.Join(e.Blocked, "; ") + "."
}

// Unwrap gives the code.
func (e *BlockedError) Unwrap() error { return ErrBlocked }

// Refused says whether an error is a refusal, and gives its code and the sentence that a person may read.
func Refused(err error) (code Code, sentence string, ok bool) {
	var e *Error
	if !errors.As(err, &e) {
		return "", "", false
	}
	var incomplete *IncompleteError
	var blocked *BlockedError
	switch {
	case errors.As(err, &incomplete):
		return e.Code, incomplete.Error(), true
	case errors.As(err, &blocked):
		return e.Code, blocked.Error(), true
	}
	return e.Code, e.Sentence, true
}

func refuse(c Code, sentence string) error { return &Error{Code: c, Sentence: sentence} }

// counsel refuses everybody else.
func counsel(a Actor) error {
	if a.Role != "counsel" {
		return refuse(CodeForbidden, "Only counsel may do this.")
	}
	return nil
}

// person refuses all but counsel and the operator.
func person(a Actor) error {
	if a.Role != "counsel" && a.Role != "operator" {
		return refuse(CodeForbidden, "Only counsel or the operator may do this.")
	}
	return nil
}
