"""Structure: what data look like before anybody has labeled them."""
