package incident

// DutyIDs are the duties that a breach brings, and the five steps of the Dutch authority.
func DutyIDs() []string {
	return []string{"processor", "authority", "persons", "employers", "works_council", "police", "register",
		"overview", "contain", "decide_authority", "decide_persons"}
}
