"""Small parts that every other room of the runtime may use; imports none of them."""
