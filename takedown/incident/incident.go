// Package incident reads the leak file: what counsel fills in once about a leak, and every notice, letter and dossier
// draws on; it says which fields an act still waits for, which duties run and when they are due.
// It never guesses what counsel left empty, never holds a victim's data, and never touches the record or the network.
package incident

// File is a leak file. Every field is counsel's: an empty one is unknown, never assumed.
type File struct {
	Title           Text           `yaml:"title,omitempty" json:"title,omitempty"`
	Incident        Incident       `yaml:"incident,omitempty" json:"incident"`
	Controller      Party          `yaml:"controller,omitempty" json:"controller"`
	Processors      []Processor    `yaml:"processors,omitempty" json:"processors,omitempty"` // in the order of the chain
	Data            Data           `yaml:"data,omitempty" json:"data"`
	Published       []Publication  `yaml:"published,omitempty" json:"published,omitempty"`
	Mandates        []Mandate      `yaml:"mandates,omitempty" json:"mandates,omitempty"`
	Legal           Legal          `yaml:"legal,omitempty" json:"legal"`
	Sources         []SourceReason `yaml:"sources,omitempty" json:"sources,omitempty"`
	NationalNumbers Authority      `yaml:"national_numbers,omitempty" json:"national_numbers"`
	FactsDate       Date           `yaml:"facts_date,omitempty" json:"facts_date,omitempty"` // of the publication that notices are about: it decides which law is cited
	UploaderContact Uploader       `yaml:"uploader_contact,omitempty" json:"uploader_contact"`
	People          People         `yaml:"people,omitempty" json:"people"`
	Authorities     []Reported     `yaml:"authorities,omitempty" json:"authorities,omitempty"`
	Police          Reported       `yaml:"police,omitempty" json:"police"`
	Told            Told           `yaml:"told,omitempty" json:"told"`
	Risk            Risk           `yaml:"risk,omitempty" json:"risk"`
	Deadlines       Deadlines      `yaml:"deadlines,omitempty" json:"deadlines"`
	NotRequired     []NotRequired  `yaml:"not_required,omitempty" json:"not_required,omitempty"`
	Record          RecordTexts    `yaml:"record,omitempty" json:"record"`
	Countries       []string       `yaml:"countries,omitempty" json:"countries,omitempty"` // whose law counsel confirmed to apply: ISO 3166 codes
	Languages       []string       `yaml:"languages,omitempty" json:"languages,omitempty"` // of the people concerned: nl, fr, de, en
}

// Incident is what happened.
type Incident struct {
	Kind         string `yaml:"kind,omitempty" json:"kind,omitempty"` // one of Kinds
	How          Text   `yaml:"how,omitempty" json:"how,omitempty"`   // in counsel's words, as notices may tell it
	From         Date   `yaml:"from,omitempty" json:"from,omitempty"`
	Until        Date   `yaml:"until,omitempty" json:"until,omitempty"`
	Discovered   Date   `yaml:"discovered,omitempty" json:"discovered,omitempty"` // when the controller became aware: clocks run from here
	Published    Date   `yaml:"published,omitempty" json:"published,omitempty"`   // when it first went online
	KnownThrough Text   `yaml:"known_through,omitempty" json:"known_through,omitempty"`
	Country      string `yaml:"country,omitempty" json:"country,omitempty"` // ISO 3166, where the controller is established
}

// Party is an organisation, never a victim.
type Party struct {
	Name      string `yaml:"name,omitempty" json:"name,omitempty"`
	Contact   string `yaml:"contact,omitempty" json:"contact,omitempty"` // a function rather than a name
	Email     string `yaml:"email,omitempty" json:"email,omitempty"`
	Telephone string `yaml:"telephone,omitempty" json:"telephone,omitempty"`
	Address   string `yaml:"address,omitempty" json:"address,omitempty"`
	Country   string `yaml:"country,omitempty" json:"country,omitempty"`
	Number    string `yaml:"number,omitempty" json:"number,omitempty"` // of its registration as a company
}

// Processor is one link of the chain through which the data went.
type Processor struct {
	Name     string   `yaml:"name,omitempty" json:"name,omitempty"`
	Role     string   `yaml:"role,omitempty" json:"role,omitempty"`         // one of Roles
	GivenBy  string   `yaml:"given_by,omitempty" json:"given_by,omitempty"` // name of who gave it the work; empty: the controller
	Task     Text     `yaml:"task,omitempty" json:"task,omitempty"`
	Contract Contract `yaml:"contract,omitempty" json:"contract"`
	Contact  string   `yaml:"contact,omitempty" json:"contact,omitempty"`
	Country  string   `yaml:"country,omitempty" json:"country,omitempty"`
	Aware    Date     `yaml:"aware,omitempty" json:"aware,omitempty"` // when it became aware itself
	Informed Reported `yaml:"informed,omitempty" json:"informed"`     // when it told the controller (GDPR art. 33(2))
}

// Contract is the agreement that GDPR art. 28(3) or 26 asks for.
type Contract struct {
	Reference string `yaml:"reference,omitempty" json:"reference,omitempty"`
	Date      Date   `yaml:"date,omitempty" json:"date,omitempty"`
	Status    string `yaml:"status,omitempty" json:"status,omitempty"` // one of ContractStates
}

// Data is what leaked, in kinds and counts.
type Data struct {
	Categories []string `yaml:"categories,omitempty" json:"categories,omitempty"` // of Categories
	Persons    []string `yaml:"persons,omitempty" json:"persons,omitempty"`       // of Persons
	Count      int      `yaml:"count,omitempty" json:"count,omitempty"`           // of persons
	CountIs    string   `yaml:"count_is,omitempty" json:"count_is,omitempty"`     // one of CountWords
	Records    int      `yaml:"records,omitempty" json:"records,omitempty"`
	What       Text     `yaml:"what,omitempty" json:"what,omitempty"`
}

// Publication is one earlier appearance that is known.
type Publication struct {
	Where string `yaml:"where,omitempty" json:"where,omitempty"` // a place, never the address of a live copy
	When  Date   `yaml:"when,omitempty" json:"when,omitempty"`
	What  Text   `yaml:"what,omitempty" json:"what,omitempty"`
}

// Mandate is a power to act.
type Mandate struct {
	From      string `yaml:"from,omitempty" json:"from,omitempty"`
	Kind      string `yaml:"kind,omitempty" json:"kind,omitempty"` // one of MandateKinds
	Reference string `yaml:"reference,omitempty" json:"reference,omitempty"`
	Date      Date   `yaml:"date,omitempty" json:"date,omitempty"`
	For       Text   `yaml:"for,omitempty" json:"for,omitempty"`
}

// Legal is on what the search for copies stands.
type Legal struct {
	Purpose       Text           `yaml:"purpose,omitempty" json:"purpose,omitempty"`
	Article6      string         `yaml:"article_6,omitempty" json:"article_6,omitempty"` // "6(1)(f)"
	Article9      string         `yaml:"article_9,omitempty" json:"article_9,omitempty"` // "9(2)(f)"
	BalancingTest string         `yaml:"balancing_test,omitempty" json:"balancing_test,omitempty"`
	DPIA          string         `yaml:"dpia,omitempty" json:"dpia,omitempty"`
	WorksCouncil  []WorksCouncil `yaml:"works_council,omitempty" json:"works_council,omitempty"` // by country; one alone needs no list
}

// WorksCouncil is how staff's representatives were involved in one country.
type WorksCouncil struct {
	Country   string `yaml:"country,omitempty" json:"country,omitempty"`
	Kind      string `yaml:"kind,omitempty" json:"kind,omitempty"` // one of CouncilKinds
	Date      Date   `yaml:"date,omitempty" json:"date,omitempty"`
	Reference string `yaml:"reference,omitempty" json:"reference,omitempty"` // of the answer, or why none is required
}

// SourceReason says why one source is swept.
type SourceReason struct {
	Source string `yaml:"source,omitempty" json:"source,omitempty"` // its name in the configuration, or * for each
	Reason string `yaml:"reason,omitempty" json:"reason,omitempty"`
}

// Authority is what permits the use of national numbers.
type Authority struct {
	Authority string `yaml:"authority,omitempty" json:"authority,omitempty"`
	Reference string `yaml:"reference,omitempty" json:"reference,omitempty"`
}

// Uploader is whether the one who put it online was asked first (Dutch NTD code, art. 4(b)).
type Uploader struct {
	Attempted bool   `yaml:"attempted,omitempty" json:"attempted,omitempty"`
	Date      Date   `yaml:"date,omitempty" json:"date,omitempty"`
	Channel   string `yaml:"channel,omitempty" json:"channel,omitempty"`
	WhyNot    Text   `yaml:"why_not,omitempty" json:"why_not,omitempty"`
}

// People are the offices that act for the controller.
type People struct {
	Counsel     Party `yaml:"counsel,omitempty" json:"counsel"`
	DPO         Party `yaml:"dpo,omitempty" json:"dpo"`
	Responsible Party `yaml:"responsible,omitempty" json:"responsible"`
}

// Reported is a report that was made.
type Reported struct {
	Name      string `yaml:"name,omitempty" json:"name,omitempty"`
	Reported  Date   `yaml:"reported,omitempty" json:"reported,omitempty"`
	Reference string `yaml:"reference,omitempty" json:"reference,omitempty"`
}

// Told is who was told of the breach.
type Told struct {
	Persons   Reported `yaml:"persons,omitempty" json:"persons"`     // GDPR art. 34
	Employers Reported `yaml:"employers,omitempty" json:"employers"` // of the people concerned
	Council   Reported `yaml:"works_council,omitempty" json:"works_council"`
}

// Risk is the assessment of step 2 (GDPR art. 33(1) and 34(1)); while it is empty every duty runs.
type Risk struct {
	Level  string `yaml:"level,omitempty" json:"level,omitempty"` // one of RiskLevels
	Reason string `yaml:"reason,omitempty" json:"reason,omitempty"`
	Date   Date   `yaml:"date,omitempty" json:"date,omitempty"`
}

// Deadlines change the terms of duties; 0 is the default.
type Deadlines struct {
	AuthorityHours int `yaml:"authority_hours,omitempty" json:"authority_hours,omitempty"` // GDPR art. 33(1); 72
	ProcessorHours int `yaml:"processor_hours,omitempty" json:"processor_hours,omitempty"` // our term for "without undue delay"; 24
	PersonsDays    int `yaml:"persons_days,omitempty" json:"persons_days,omitempty"`       // ours; 7
	EmployersDays  int `yaml:"employers_days,omitempty" json:"employers_days,omitempty"`   // ours; 7
	CouncilDays    int `yaml:"works_council_days,omitempty" json:"works_council_days,omitempty"`
	PoliceDays     int `yaml:"police_days,omitempty" json:"police_days,omitempty"`
}

// NotRequired is counsel's word that a duty does not apply.
type NotRequired struct {
	Duty   string `yaml:"duty,omitempty" json:"duty,omitempty"` // one of DutyIDs
	Reason string `yaml:"reason,omitempty" json:"reason,omitempty"`
}

// RecordTexts are what the record of processing (GDPR art. 30) tells beyond what the rest of the file and the program know.
type RecordTexts struct {
	Recipients Text `yaml:"recipients,omitempty" json:"recipients,omitempty"` // besides those that notices were sent to
	Transfers  Text `yaml:"transfers,omitempty" json:"transfers,omitempty"`   // to third countries, with the safeguards
	Retention  Text `yaml:"retention,omitempty" json:"retention,omitempty"`
	Security   Text `yaml:"security,omitempty" json:"security,omitempty"` // besides the program's own measures
}
