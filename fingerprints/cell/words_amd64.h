// SMALL has sixteen bytes with the capitals of ASCII as small letters: what is beyond ASCII has nothing put to it.
#define SMALL(OFFSET) \
	VMOVDQU OFFSET(R8)(BX*1), X0 \
	VPSHUFB X0, X14, X2 \
	VPOR X2, X0, X0

// HASH is wordBlock of sixteen bytes to which the key is added.
#define HASH \
	VMOVQ X1, DX \
	VPEXTRQ $1, X1, BX \
	MULXQ BX, DX, BX \
	XORQ BX, DX \
	ORQ $1, DX

// LOOK puts a bit to those in R14: 0, if a run is remembered.
#define LOOK(OFFSET) \
	MOVQ OFFSET(R10)(CX*8), DX \
	SHRXQ R15, DX, BX \
	XORW (R9)(BX*2), DX \
	NEGW DX \
	ADCQ R14, R14
