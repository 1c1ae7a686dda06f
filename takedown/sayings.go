package takedown

import (
	"slices"

	"unmirror/store"
)

// sayings are the program's own words for its moves. Most moves are its own, and their words tell no more than the states that
// stand beside them: a column holds the number in place of the words. Numbers are for ever: new sentences go to the end, none is
// changed, and what is not here is sealed as before.
func sayings() []string {
	return []string{
		"The recipient's server took it.",
		"Try 1.",
		"Try 2.",
		"Try 3.",
		"A notice went out.",
		"Composed for the case.",
		"Known content was found.",
		"The notice was approved.",
		"Refused for now.",
		"Refused for good.",
		"Refused for now too often.",
		"Cut after the message was begun: nobody knows whether it arrived.",
		"Still live, and the time for a reminder has come.",
		"Still live, and the time for the next rung has come.",
		"Still live, and the time for a complaint has come.",
		"It names no notice of ours.",
		"It answers a notice.",
		"It says how the notice fared.",
		"A look found it live again.",
		"A sweep found it live again.",
		"A further sighting is a match that needs no triage.",
		"More of the leak was found at the same place.",
		"The match is weak: a person must say whether it is one.",
		"It concerns a single person, who may have published it.",
		"It holds only generally known categories of data.",
		"Seen from one network only, it is gone for us.",
		"the place says that it is not there",
		"the page says that it is not there",
		"something else is there now",
		"known content is still there",
		"The very content that was sighted is still there.",
		"no answer in time",
		"the connection is refused",
		"the host cannot be reached",
		"a log-in, a password or consent is asked for, or the reader is refused",
		refusedMeanwhile,
	}
}

// said returns the number of a sentence as a column holds it; nil when it is none of the program's own. Nothing sealed is so short.
func said(why string) []byte {
	i := slices.Index(sayings(), why)
	if i < 0 {
		return nil
	}
	return []byte{byte(i >> 8), byte(i)}
}

// saying is the way back from said.
func saying(b []byte) (string, bool) {
	if len(b) != 2 {
		return "", false
	}
	i, all := int(b[0])<<8|int(b[1]), sayings()
	if i >= len(all) {
		return "", false
	}
	return all[i], true
}

// sealSome seals a text where there is one. An empty column reads as "".
func sealSome(tx *store.Tx, column, text string) []byte {
	if text == "" {
		return []byte{}
	}
	return tx.SealText(column, text)
}

// sealSaid seals a text that is mostly the program's own words.
func sealSaid(tx *store.Tx, column, text string) []byte {
	if n := said(text); n != nil {
		return n
	}
	return sealSome(tx, column, text)
}

// openSaid is the way back from sealSaid.
func openSaid(tx *store.Tx, column string, sealed []byte) (string, error) {
	if text, ok := saying(sealed); ok {
		return text, nil
	}
	return tx.OpenText(column, sealed)
}
