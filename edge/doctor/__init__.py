"""Is this device fit?"""
