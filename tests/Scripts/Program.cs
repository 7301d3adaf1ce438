// Programs stand elsewhere: this one makes the project build.
return;
