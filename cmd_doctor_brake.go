package main

import (
	"context"
	"fmt"

	"unmirror/internal/account"
	"unmirror/takedown"
)

// examineBrake tells what is stopped, and whether there are the people whom it takes to let it go on.
func (a *app) examineBrake(ctx context.Context) []finding {
	d, err := a.docket(ctx)
	if err != nil {
		return nil // said where the record, the law and the mail are looked at
	}
	hold, err := d.Hold(ctx)
	if err != nil {
		return []finding{{"brake", "wrong", err.Error(), ""}}
	}
	people, err := a.accounts(ctx)
	if err != nil {
		return []finding{{"brake", "wrong", err.Error(), ""}}
	}
	users, err := people.List(ctx)
	if err != nil {
		return []finding{{"brake", "wrong", err.Error(), ""}}
	}
	out := append(brakeFindings(hold, users), secondFindings(a.cfg.Takedown.TwoPersons, users)...)
	doubts, err := d.Doubts(ctx)
	if err != nil {
		return append(out, finding{"doubt", "wrong", err.Error(), ""})
	}
	for _, x := range doubts {
		what := fmt.Sprintf("%s %s: %d of the last %d were rejected, no notice is drafted since %s", x.Of, x.Name, x.Rejected, x.Decided, stamp(x.Created))
		out = append(out, finding{"doubt", "note", what, "look why, then: unmirror doubt clear " + x.ID + " --as COUNSEL --password-file FILE --reason TEXT"})
	}
	return out
}

// brakeFindings says whether everything outgoing is stopped, and whether another account than the one that stopped it could release it.
func brakeFindings(hold takedown.Hold, users []account.User) []finding {
	others, may := 0, 0
	for _, u := range users {
		if u.Role != account.Counsel && u.Role != account.Operator {
			continue
		}
		may++
		if u.ID != hold.ByID {
			others++
		}
	}
	switch {
	case hold.On && others == 0:
		return []finding{{"brake", "wrong", "everything outgoing is stopped since " + stamp(hold.Since) + ", and there is no second account that could release it",
			"unmirror user add NAME --role counsel|operator --password-file FILE"}}
	case hold.On:
		what := "everything outgoing is stopped since " + stamp(hold.Since) + " by " + hold.By
		if !hold.Asked.IsZero() {
			what += "; its release was asked for " + stamp(hold.Asked)
		}
		return []finding{{"brake", "note", what, "another account than that one: unmirror hold off --as NAME --password-file FILE"}}
	case may == 1:
		return []finding{{"brake", "note", "there is one account that may stop and release: what it stops, nobody could release",
			"unmirror user add NAME --role counsel|operator --password-file FILE"}}
	}
	return []finding{{"brake", "ok", "nothing is stopped", ""}}
}

// secondFindings says whether there are two counsel where it takes two to approve.
func secondFindings(twoPersons string, users []account.User) []finding {
	counsel := 0
	for _, u := range users {
		if u.Role == account.Counsel {
			counsel++
		}
	}
	if twoPersons == "" || twoPersons == "off" || counsel > 1 {
		return nil
	}
	what := map[string]string{"escalations": "no escalation and no complaint can be approved", "all": "no notice can be approved"}[twoPersons]
	return []finding{{"accounts", "wrong", fmt.Sprintf("takedown.two_persons is %s and takes two counsel, there is %d: %s", twoPersons, counsel, what),
		"unmirror user add NAME --role counsel --password-file FILE"}}
}
