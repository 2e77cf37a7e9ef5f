"""What an administrator does to a server's database: backup, restore."""
