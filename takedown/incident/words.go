package incident

// The words that the file's fields may hold, in the order in which they are offered.

// Kinds are how a leak came about.
func Kinds() []string {
	return []string{"hacked", "extortion", "misconfiguration", "lost", "insider", "processor", "other"}
}

// Roles are what a link of the chain is.
func Roles() []string { return []string{"processor", "sub_processor", "joint_controller"} }

// ContractStates are how an agreement stands.
func ContractStates() []string { return []string{"signed", "missing", "unknown"} }

// CountWords are how a count is meant.
func CountWords() []string { return []string{"exact", "at_least", "estimate"} }

// MandateKinds are on what a mandate stands.
func MandateKinds() []string {
	return []string{"controller", "power_of_attorney", "article_80", "union"}
}

// CouncilKinds are how a works council is involved.
func CouncilKinds() []string { return []string{"consent", "consultation", "not_required"} }

// RiskLevels are those of GDPR art. 33(1) and 34(1).
func RiskLevels() []string { return []string{"unlikely", "risk", "high"} }

// Languages are those in which notices and letters are written.
func Languages() []string { return []string{"nl", "fr", "de", "en"} }

// Categories are the kinds of data; those of known files' manifests among them.
func Categories() []string {
	return []string{"identity", "contact", "national_number", "health", "family", "conduct", "finance", "employment", "location", "credentials",
		"education", "justice", "communication", "image",
		"origin", "political", "belief", "union", "genetic", "biometric", "sexuality", "other"}
}

// special are the categories of GDPR art. 9(1), for which Article9 must be filled.
func special(category string) bool {
	switch category {
	case "health", "origin", "political", "belief", "union", "genetic", "biometric", "sexuality":
		return true
	}
	return false
}

// Persons are the kinds of people whom the data are about.
func Persons() []string {
	return []string{"employees", "former_employees", "applicants", "self_employed", "patients", "clients", "customers", "pupils",
		"children", "members", "citizens", "relatives", "other"}
}

// staff are the kinds of people for whom an employer or a works council has a say.
func staff(persons string) bool {
	return persons == "employees" || persons == "former_employees" || persons == "applicants"
}
