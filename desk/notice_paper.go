package desk

import (
	"fmt"
	"net/http"
)

// noticePaper hands the notice out as a PDF. It holds the exact location, which pages mask: it is for counsel alone.
func (d *desk) noticePaper(w http.ResponseWriter, r *http.Request) error {
	pdf, err := d.Docket.NoticePDF(r.Context(), r.PathValue("id"))
	if err != nil {
		return fmt.Errorf("write notice: %w", err)
	}
	return download(w, "application/pdf", r.PathValue("id")+".pdf", pdf)
}

// noticeForm hands out the field sheet by which counsel fills in a provider's web form; ?form= names another than the recipient's.
func (d *desk) noticeForm(w http.ResponseWriter, r *http.Request) error {
	sheet, err := d.Docket.NoticeForm(r.Context(), r.PathValue("id"), r.URL.Query().Get("form"))
	if err != nil {
		return d.noticeAgain(w, r, err, func(*noticeView) {})
	}
	return download(w, "text/plain; charset=utf-8", r.PathValue("id")+".txt", []byte(sheet.Text()))
}

func download(w http.ResponseWriter, kind, name string, content []byte) error {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("Cache-Control", "no-store")
	_, err := w.Write(content)
	if err != nil {
		return fmt.Errorf("hand out notice: %w", err)
	}
	return nil
}
