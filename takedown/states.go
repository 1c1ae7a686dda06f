package takedown

import "unmirror/takedown/notice"

// CaseState is where a case stands; docs/lifecycle.md tells what holds in each and which moves leave it.
type CaseState string

// The states of a case.
const (
	CaseTriage    CaseState = "triage"    // counsel has not yet said that the match is a wrong
	CaseOpen      CaseState = "open"      // a wrong that nobody was told of yet: a draft is due or in review
	CaseNoticed   CaseState = "noticed"   // at least one notice went out, the content was last seen live
	CaseVanishing CaseState = "vanishing" // the last check no longer found it, too few checks to call it gone
	CaseGone      CaseState = "gone"      // proven gone by checks apart in time; a watch goes on
	CaseDismissed CaseState = "dismissed" // counsel said that it is no wrong
)

// NoticeKind is what a notice does.
type NoticeKind string

// The kinds of notices.
const (
	KindNotice     NoticeKind = "notice"     // the first one of a round
	KindReminder   NoticeKind = "reminder"   // to the same recipient, who has not acted
	KindEscalation NoticeKind = "escalation" // to the next rung of the ladder
	KindDelisting  NoticeKind = "delisting"  // to a search engine
	KindComplaint  NoticeKind = "complaint"  // to a supervisory authority, with the dossier of what was sent before
	KindRetraction NoticeKind = "retraction" // takes back what was sent
)

// act is how law and texts call the kind.
func (k NoticeKind) act() string {
	if k == KindNotice {
		return notice.ActFirst
	}
	return string(k)
}

// follows says whether a notice of that kind leaves only after a fresh look found the content live.
func (k NoticeKind) follows() bool { return k != KindNotice && k != KindRetraction }

// DisputeState is where a dispute about a case stands.
type DisputeState string

// The states of a dispute.
const (
	DisputeOpen     DisputeState = "open"     // somebody says that the notice is wrong: nothing goes out for the case
	DisputeUpheld   DisputeState = "upheld"   // counsel answered that the notice stands
	DisputeConceded DisputeState = "conceded" // counsel withdrew the notice
)

// NoticeState is where a notice stands.
type NoticeState string

// The states of a notice.
const (
	NoticeDraft    NoticeState = "draft"    // composed, complete or not, waiting for counsel
	NoticeApproved NoticeState = "approved" // a person approved exactly these bytes; the outbox may send them
	NoticeSent     NoticeState = "sent"     // the recipient's server took it
	NoticeUnknown  NoticeState = "unknown"  // an attempt was cut after DATA: a person decides
	NoticeFailed   NoticeState = "failed"   // refused for good
	NoticeRejected NoticeState = "rejected" // counsel said no, with a reason
	NoticeVoid     NoticeState = "void"     // overtaken: the case was proven gone or dismissed before sending
)

// wasApproved says whether a person approved the version that a notice in this state has.
func (s NoticeState) wasApproved() bool {
	return s == NoticeApproved || s == NoticeSent || s == NoticeUnknown || s == NoticeFailed
}

// AttemptState is where one delivery stands.
type AttemptState string

// The states of an attempt.
const (
	AttemptQueued   AttemptState = "queued"   // due at next_attempt
	AttemptOpen     AttemptState = "open"     // committed before the first byte leaves; found open after a crash it becomes unknown
	AttemptSent     AttemptState = "sent"     // 250 after DATA
	AttemptDeferred AttemptState = "deferred" // refused for now; next_attempt is set
	AttemptFailed   AttemptState = "failed"   // refused for good, or too many tries
	AttemptUnknown  AttemptState = "unknown"  // nobody knows whether it arrived
	AttemptVoid     AttemptState = "void"     // overtaken before it arrived anywhere: edited, rejected, gone or dismissed
)
