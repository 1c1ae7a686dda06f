package table

import (
	"slices"
	"strings"
)

// Tables of databases call their columns VN, NM or F3. Whether such a column holds names, or days of birth, is told by what stands in it:
// given names that are common, or words of which the row's e-mail address is made. Without one of these no column of an unknown name is
// taken for names: a town taken for one would make people of the same town and age one person.

const (
	// fewestUnsaid is in how many rows something must stand for its content to tell.
	fewestUnsaid = 5
	// givenShare and mailShare are in which part of a column's cells a common given name stands, or a word of the row's address.
	givenShare, mailShare = 0.2, 0.3
	// fullShare is which part of a column of whole names has two words.
	fullShare = 0.6
)

// unsaid is a column that may hold names.
type unsaid struct {
	at           int
	given, mail  float64 // shares of cells that tell so
	words, names int     // cells of several words; values that differ
	filled       int
}

func (u *unsaid) full() bool { return float64(u.words) >= fullShare*float64(u.filled) }

// least is how many different names there are at least among so many.
func (u *unsaid) least() int { return min(u.filled, 60) / 3 }

// settleUnsaid finds the columns of names where none says that it is one. It tells whether it found any.
func settleUnsaid(columns []Column, sample []sampled, format string) bool {
	if format == "form" || slices.ContainsFunc(columns, func(c Column) bool { return c.Kind.IsName() && c.Name != "" }) {
		return false
	}
	var given, whole *unsaid
	all := unsaidNames(columns, sample)
	for i := range all {
		u := &all[i]
		switch {
		case u.given < givenShare && (u.mail < mailShare || !u.full()):
		case u.full() && u.names < u.least(): // those of the few who look after the others
		case u.full() && (whole == nil || u.names > whole.names):
			whole = u
		case !u.full() && (given == nil || u.given > given.given):
			given = u
		}
	}
	family := familyOf(given, all)
	switch {
	case family != nil && (whole == nil || whole.at == family.at || family.mail > whole.mail):
		columns[given.at].Kind, columns[family.at].Kind = Given, Family
	case whole != nil:
		columns[whole.at].Kind = Name
	default:
		return false
	}
	for i := range columns { // other columns of which nothing but capitals says that they are names
		if columns[i].Kind == Name && columns[i].Name == "" && (whole == nil || i != whole.at || family != nil && columns[family.at].Kind == Family) {
			columns[i].Kind = Other
		}
	}
	return true
}

// unsaidNames are the columns that may hold names by how their cells are written.
func unsaidNames(columns []Column, sample []sampled) (all []unsaid) {
	mail := slices.IndexFunc(columns, func(c Column) bool { return c.Kind == Email })
	for i, c := range columns {
		if _, known := byName(c.Name); known || c.Kind != Other && c.Kind != Name {
			continue
		}
		v := values(sample, i)
		u := unsaid{at: i, filled: len(v), names: distinct(v)}
		if u.filled < fewestUnsaid || share(v, nameLike) < 0.8 || share(v, titled) > 0.5 {
			continue
		}
		u.given = share(v, func(v string) bool { return slices.ContainsFunc(nameWords(v), isGiven) })
		if least := u.least(); u.names < least && (u.given < givenShare || 4*u.names < least) {
			continue
		}
		for _, v := range v {
			if strings.ContainsAny(v, " ,") {
				u.words++
			}
		}
		u.mail = mailed(sample, i, mail)
		all = append(all, u)
	}
	return all
}

// familyOf is the column of family names beside one of given names: the one of which addresses are made, or else the next one that has
// about as many different values as any.
func familyOf(given *unsaid, all []unsaid) (family *unsaid) {
	if given == nil {
		return nil
	}
	most := 0
	for i := range all {
		if u := &all[i]; u.at != given.at {
			most = max(most, u.names)
			if u.mail >= mailShare && (family == nil || u.mail > family.mail) {
				family = u
			}
		}
	}
	for i := range all {
		u := &all[i]
		if u.at == given.at || family != nil && family.mail >= mailShare || 2*u.names < max(most, given.names) {
			continue
		}
		if family == nil || distance(u.at, given.at) < distance(family.at, given.at) {
			family = u
		}
	}
	return family
}

func distance(a, b int) int { return max(a-b, b-a) }

// mailed is in which part of the rows with an address a word of a column stands in what is before its @.
func mailed(sample []sampled, column, mail int) float64 {
	with, all := 0, 0
	for _, s := range sample {
		if mail < 0 || max(column, mail) >= len(s.cells) {
			continue
		}
		local, _, ok := strings.Cut(s.cells[mail], "@")
		if !ok || s.cells[column] == "" {
			continue
		}
		all++
		local = fold(local)
		if slices.ContainsFunc(nameWords(s.cells[column]), func(w string) bool { return len(w) >= 3 && strings.Contains(local, w) }) {
			with++
		}
	}
	if all < fewestUnsaid {
		return 0
	}
	return float64(with) / float64(all)
}

// nameWords are the words of a cell, in canonical form.
func nameWords(v string) (words []string) {
	for _, f := range strings.FieldsFunc(v, func(r rune) bool { return strings.ContainsRune(" ,.-'’", r) }) {
		words = append(words, fold(f))
	}
	return words
}

// titled tells whether a cell names somebody by what the patients call him.
func titled(v string) bool {
	first, _, _ := strings.Cut(strings.ToLower(v), " ")
	return slices.Contains([]string{"dr", "dr.", "dokter", "docteur", "doctor", "prof", "prof.", "meester", "maitre", "maître", "me", "mr."}, first)
}

func isGiven(word string) bool { return commonGiven[word] }

var commonGiven = func() map[string]bool {
	all := map[string]bool{}
	for _, w := range strings.Fields(givenNames) {
		all[w] = true
	}
	return all
}()

// givenNames are common given names of the people of the Low Countries and their neighbours, in canonical form.
const givenNames = `
aaron abdel abdelkader abdellah achraf adam adele adrian adriana adrien agnes agnieszka ahmed aicha alain albert aleksandra alessandro alex alexander alexandra alexandre alexia
alexis alfons ali alice alicia aline alisa alphonse amandine amelie amina amine an ana anais andre andrea andreas andree andrzej angela angelique anita anja anke ann anna anne anneke
annelies annemie annick annie anouk anthony antoine antonia antonio antoon arjen arne arnaud arnold arthur astrid audrey aurelie aurore axel ayoub aziz barbara bart bas bastiaan
bastien beatrice benedicte benjamin benoit bernadette bernard bert bilal birgit birgitte bob bojan brahim bram brecht brigitte bruno bryan camille carine carl carla carlo carlos carmen
carole caroline catherine cecile cedric celine chantal charles charlotte chloe chris christa christel christian christiane christina christine christoph christophe cindy claire clara
claude claudia claudine clemence clement colette conny corinne cornelis cristina cynthia dagmar daan damien dani daniel daniela danielle danny david dean debora deborah delphine denis
denise didier diederik diego dieter dimitri dirk dominique donald doris driss dylan eddy edgard edith eduard edward edwin eleonore elena eline elisa elisabeth elise elizabeth elke ella
ellen els elsa elsie emiel emile emilie emilien emily emine emma emmanuel emre enzo eric erica erik erika erna ernest ernst erwin esther etienne eva evelien evelyne evi fabian fabien
fabienne fabrice fanny farid fatiha fatih fatima fatma felix femke fernand filip flavie flor florence florian francine francis francisco franck francois francoise frank frans frederic
frederik freddy friedrich fritz gabriel gabriele gabrielle gaetan geert genevieve georges gerard gerald gerd gerda gerhard germaine gert gertrude ghislain ghislaine gilbert gilles gina
gisele giulia giuseppe godelieve goedele gregory greet greta griet guido guillaume gunter gunther gustaaf gustave guy hajar hakim hamid hanna hannah hannelore hannes hans harald harry
hasan hassan heidi heike heinrich heinz helena helene helga helmut hendrik henk henri henriette herman hermann hilda hilde horst hubert hugo ibrahim igor ilias ilse imane ines inge
ingrid irena irene iris irma isabel isabelle ismail ivan ivo jaap jacob jacqueline jacques jakob jamal jan jana janine jasmine jasper jean jeanne jeannine jef jelle jens jennifer jeremy
jeroen jerome jesse jessica joachim joan joanna joelle joeri johan johann johanna johannes john jolien jonas jonathan joost joris jos jose josee josef joseph josephine josette joyce juan
judith jules julia julian julie julien juliette jurgen justine kaat karel karen karim karin karine karl karlien kasper kathleen katia katja katrien kaat katrin kelly kenneth kevin khadija
khalid kim klaas klaus koen koenraad konrad kristel kristien kristin kristina kristof krzysztof kurt lara lars laura laure laurence laurent lea leen leila lena leo leon leonie leopold
liam lien lies lieselotte lieve lieven liliane lily lina linda lisa lise lode loic lore lorenzo lotte lou louis louisa louise luc luca lucas lucia lucie lucien lucienne ludo ludovic
ludwig luis luise lukas lut lutgard lydia maarten madeleine magali magda malgorzata malika manfred manon manuel manuela marc marcel marcelle marcin marco margareta margarete margaux
margot margriet maria marie marieke marijke marina mario marion marjan mark marko markus marleen marlies marta martha martin martina martine mary mateusz mathias mathieu mathilde
mathis matteo matthew matthias matthieu maud maurice max maxime maximilian mehdi mehmet melanie melissa mia michael michal michel michele micheline michelle mieke miet miguel mike mila
mireille miriam moez mohamed mohammed monica monika monique morgane moritz mounir murat mustafa myriam nabil nadia nadine najat nancy natacha natalia natalie nathalie nathan nele nicholas
nick nicolas nicole niels nils nina noah noel noemie nora norbert noura olga oliver olivia olivier omar oscar otto pablo pascal pascale patricia patrick patrik paul paula paulette pauline
pedro peggy peter petra philip philippe pierre piet pieter piotr quentin rabia rachel rachid rafael raf raphael raymond rebecca regina regine reinhard reinhilde rene renate renee ria
richard rik rita rob robbe robert roberto robin rodrigue roel roger roland romain roos rosa rosalie rose roxane rudi rudolf ruben ruth ruud sabine sabrina said saida salma salvatore
sam samir samira samuel sandra sandrine sara sarah sascha sebastian sebastien selma senne serge severine siegfried sien sigrid silke simon simone simonne sina sofia sofie sonia sonja
sophia sophie soumaya stan stanislaw stefaan stefan stefanie stefano stephan stephane stephanie steven stijn sven suzanne sylvain sylvia sylvie tamara tania tanja tatiana teresa theo
theodoor therese thibault thibaut thierry thijs thomas tijs tiffany tim timo tine tineke tobias tom tomasz toon trees ulrich ulrike ursula valentin valentine valerie veerle vera
veronique vic vicky victor victoria viktor vincent vincenzo virginie viviane walter wannes ward warre werner wilfried wilhelm willem willy wim wolfgang wouter xander xavier yann yannick yasmina
yassine yolande youssef yusuf yvan yves yvette yvonne zeynep zineb zoe`

// bornYears are the years of a column of days, in order.
func bornYears(values []string) (years []int) {
	for _, v := range values {
		if y := year(v); y > 0 {
			years = append(years, y)
		}
	}
	slices.Sort(years)
	return years
}

// settleGiven finds the column of given names beside one of family names, where no word says which it is: with a family name alone, an
// account or a telephone is a whole household's.
func settleGiven(columns []Column, sample []sampled, format string) {
	family := slices.ContainsFunc(columns, func(c Column) bool { return c.Kind == Family })
	if format == "form" || !family || slices.ContainsFunc(columns, func(c Column) bool { return c.Kind == Given || c.Kind == Name }) {
		return
	}
	var given *unsaid
	all := unsaidNames(columns, sample)
	for i := range all {
		if u := &all[i]; !u.full() && u.given >= givenShare && (given == nil || u.given > given.given) {
			given = u
		}
	}
	if given != nil {
		columns[given.at].Kind = Given
	}
}
