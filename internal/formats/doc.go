// Package formats reads and writes the files of the workflow: the JSON files that ezkl's users know (settings.json,
// input.json, witness.json, proof.json: key names, key order and field element encodings of ezkl 23.0.5), NumPy's .npy and
// .npz as input data, and model.compiled, a binary file of our own.
//
// Every reader is total: any bytes give a value or one line of error that says where, what was found and what was wanted,
// such as "input.json: input_data[0][17]: found NaN, want a number". No reader allocates more than a small multiple of the
// bytes it was given (of the bytes unpacked, for a compressed .npz). Every file is recognised by its first bytes (Sniff), so that a file of another kind is named in the
// message. Files are written to a temporary name and renamed (Create), so that a failed run leaves none behind.
//
// Field elements are 64 hexadecimal digits, little-endian and without 0x, except in "pretty" fields, where they are
// big-endian with 0x. A negative integer -v stands for p-v.
package formats
