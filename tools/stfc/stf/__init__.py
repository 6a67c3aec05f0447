"""The language of .stf files and what is made from them."""
