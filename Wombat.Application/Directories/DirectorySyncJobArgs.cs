namespace Wombat.Application.Directories;

/// <param name="DryRun">Whether to report the changes without making them.</param>
public sealed record DirectorySyncJobArgs(bool DryRun);
