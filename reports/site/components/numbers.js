// A number as text with a fixed count of decimals and a true minus.
export function toSigned(value, digits) {
	const text = value.toLocaleString('en', {
		minimumFractionDigits: digits,
		maximumFractionDigits: digits
	});
	return text.replace(/^-(?=0(\.0*)?$)/, '').replace('-', '−');
}
