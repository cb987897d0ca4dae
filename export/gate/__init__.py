"""May the model be deployed?"""
