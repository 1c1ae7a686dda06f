package main

import (
	"context"

	"unmirror/takedown"
)

// showForm prints the field sheet by which a person fills in a provider's web form.
func (g *globals) showForm(ctx context.Context, d *takedown.Docket, id, webForm string) error {
	sheet, err := d.NoticeForm(ctx, id, webForm)
	if err != nil {
		return explain(err)
	}
	if g.json {
		return g.printJSON(sheet)
	}
	g.printf("%s", sheet.Text())
	return nil
}
