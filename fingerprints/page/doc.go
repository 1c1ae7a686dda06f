// Package page makes small keyed prints of page images, and tells whether an item's image shows the same page, whatever was
// done to it: reduced, cropped, turned, skewed, printed and scanned again, written over with a watermark.
// It never takes another person's page of the same form for the same, and keeps nothing from which a page could be redrawn.
//
// # How a page is recognised
//
// All work is done on a plane of 420 pixels on the longest side, on which a pixel says how much darker it is than the paper
// around it (ink.go). A page is known by two things.
//
// A page that was photographed on a darker ground is laid flat by its four edges before anything else (desk.go), and one in a
// wide frame is looked at without it (margin.go).
//
// Points (keypoint.go, describe.go): extrema of differences of Gaussians, described by histograms of gradients in the frame of
// the page's own lines (skew.go), of which only the signs of 64 secret projections are kept. Two words of 28 of these bits find
// the page in an inverted index; the item asks for the four quarter turns of each point, and for words with an unsure bit the
// other way. Pairs of points give the map between item and page (align.go).
//
// Cells (cell.go): the page is laid out in squares of about two letters, and of each that is written on 7 to 20 signs of secret
// projections are kept. The item is laid over the known page, the map is settled until blocks of cells lie still, and each
// part keeps a shift of its own (settle.go, field.go). Then every cell says how well it agrees (verify.go).
//
// # How a copy is told from another person's page of the same form
//
// On a copy what cells lack to full agreement is spread evenly, at a rate that the page itself tells; where something else is
// written, signs agree by chance, and such cells lie together, as words do. The likelihood ratio of the two, summed over
// regions of the sizes of words and lines, says whether anything differs (differ.go). One other name of six letters, or one
// other birth date, is enough on a copy that was only stored anew; on a rescan or at a quarter of the size it takes one or two
// words. Overlays in a middle tone and specks are taken away in a second reading that is asked only about cells which the first
// could not explain (overlay.go). Each spot has its own tone there, since a mark over a tinted row is darker than beside it. What
// a solid patch hides that the known page does not have is not seen (patch.go), nor what a mark in thick strokes covers, a
// stamp, a strip, words across the page (cover.go): if all beside it agrees, as strictly as without a mark, and what its strokes
// leave over as well (hidden.go). A projection sees nothing that is the same along a row or a column of its cell: rules, boxes and
// the bands of lines are on everybody's form.
//
// Where several people's pages of a form were compared, what most of them do not have is a page's own, and must agree by itself
// (own.go): a few digits among a form's print agree with another's by chance.
//
// What is printed on a form and nothing else, a blank form, is found in every filled one: such pages belong in the baseline.
//
// # Photos
//
// A photo has as much that is lighter than its surroundings as what is darker, and may be so smooth that nothing of it is as fine
// as a letter (photo.go). Its fine cells are taken from how bright it is, and it has a coarse layer, too: points and cells of
// light and shade on a plane of 70 pixels, whose projections see slopes as well. Twelve of its points are at fixed places, so
// that a whole photo is found and laid on the item's in each quarter turn however little is on it. Both layers must agree, since
// faces before one background, and X-rays of one kind, are alike in one of them. The coarse one is laid first, and tells most of
// those apart before the fine one, which costs ten times as much, is laid at all.
//
// What is a photo its tones tell, or the texture of one that is as bright as paper: squares of print lean to the dark, most of a
// few letters being paper; those of a photo lean neither way (texture.go). By that a mark across a rich photo, which may spoil a few
// of its cells, is told from something else that is written there, too. A blurred copy agrees as badly everywhere: what a
// quarter of its cells lacks is twice what half of them lack, and more where something else is on it.
//
// # What was tried
//
// On invented forms, letters, tables, handwriting and photos (world_test.go):
//   - Points of 7 pixels of a page of 1,000 and coarser (sigma 2 of work) found 20 to 40 on a letter: lines of text run
//     together. From 4 pixels (sigma 0.8 of work) on there are 600 and more.
//   - One word of 36 bits a point: 1 to 3 words of a photo that was cropped, turned by 5 degrees or scanned badly were found
//     again, 20 of a letter. Two of 28 bits: 9 or more, and 20 to 60.
//   - The map by points alone left a third of rescans, crops and halves with a corner in which cells disagree. Settled by
//     blocks, weighted by how far each lies off (Cauchy), and with a shift for every part, all of them agree.
//   - An item blurred as it comes: half a page has 1.4 times the scale, its finer detail reads as noise (half of the cells agree
//     to 0.87 instead of 0.97), and under so much noise four other words passed.
//   - Half of the points kept from coarser scales: fewer words are found again at every change but a much smaller scale.
//   - Of two maps of a list of equal boxes, the better supported one may lie a line off: cells tell.
//   - A homography wherever 14 points fit: on a prescription they lie in the header, and a perspective of noise put the signature
//     10 pixels off, so that cells disagreed. Where a page has few points, similar and affine maps are tried, too, and cells tell.
//   - One threshold for all copies: a page that was only stored anew and has one other name was within the noise of a rescan.
//     So noise and wear are measured on the pair, from its median and its better three quarters.
//   - Taking the paper's tone from a window smaller than a watermark's strokes: the strokes are of any width. The flat tone
//     between paper and ink tells more, and costs an eighth.
//   - Photos by their ink: a third of them had none, and smooth slopes gave all alike the pattern of the paper's blocks, by which
//     portraits of one pose agreed. A coarse plane of 140 pixels: noise; one of 70: smooth photos agree to 0.97 after a rescan.
//   - Photos by their tones alone: portraits before a bright wall, and a third of real photos, were asked as strictly as pages,
//     and half of those with a mark across them were missed. A share of leaning squares among those that vary: a letter that is
//     photographed on a table passes; of all squares, it does not.
//   - Marks forgiven wherever a photo has texture and nothing leans: another card on the same table passed, until no more than a
//     sixteenth of the cells may be spoilt.
//   - Marks on photos told by what the item shows alone, strokes that hang together around something or a patch of one tone at an edge: of
//     115 photos under stamps, logos, strips and words 84 were found instead of 76, but a card in a corner was one as well, and with it
//     the print that is somebody else's. Strokes filled from what is beside them brought back none of the cells that they cover.
//   - More forgiven on a photo with much on it, whatever differs: of small cards on one table a sixth was somebody else's. Now it is
//     where cells differ in all parts of the photo (spread.go).
//   - Coarse cells without slopes: half of a portrait's were empty, and others' portraits agreed in the rest.
//   - One tone for all overlays of a page: a page's own bands, or a mark that crosses them, were taken for it or for ink; of heavy
//     watermarks it took away two thirds, by blocks it is nine of ten.
//   - All that is lighter than a mark's tone made paper, wherever the mark is near: thin type beside the mark went with it, and a
//     fifth of the pages under heavy marks was lost. Now what is as bright as the ground it is written on goes: the raster closed
//     by a stroke's width, which keeps a mark's edges where they are.
//   - A page reduced with the wide frame it was put in: of a dense one 12 words were found again, and it was not laid on the
//     known one. So the frame goes first (margin.go).
//   - A photographed page as it lies, with 8 % of perspective, a shadow and a desk's grain: the map by points was off by three
//     letters at the far end of dense tables and reports, and a fifth of them was lost. Laid flat by its edges, all are found.
//   - Blocks moved by two pixels only: cells a pixel off agree by a third, and a step farther no better, so that the words in the
//     corner of a page with little on it stayed there. A pixel to each side is tried where a block agrees badly.
//   - Strokes of a mark told from the page's own by all cells that they touch: what they hardly touch agrees, and of 19 stamps 8
//     stayed in the way. By cells that they cover to half, as read before tones are lifted, one did.
//   - Marks judged by what agrees outside of them alone: one other entry in large letters, all else being equal, was a mark. Its
//     strokes leave none of the page's own entry over, those of a mark do.
//   - A part of a form judged by the known page's cells alone: the lower half of a diary that somebody else filled in was that of
//     who left it blank. What is written where the known page is blank now makes a part nobody's (filled.go).
//   - Photos with few fine cells laid on each other by light and shade where no points lay them: of 432 pictures of other people's knees
//     and such 10 parts agreed, and bones' edges did in the fine layer, too, once it was settled there. Points lay each of 440 true copies.
//   - A fixed threshold for what is written on: thin type lost all but its verticals, and two lists of other people agreed.
package page
