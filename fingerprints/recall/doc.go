// Package recall measures how well known files are found again: it invents leaks, puts them online in every way that a
// person might, asks the matcher, and fails its tests when a line of the table falls below the floor stored for it.
// It never ships in the program: all but this comment is test code, and every person, number and sentence is invented.
//
// Start at lines_test.go, which names each transformation, and at recall_test.go, which runs them. docs/matching.md is
// written by it.
package recall
