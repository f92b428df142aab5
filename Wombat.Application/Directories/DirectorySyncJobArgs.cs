namespace Wombat.Application.Directories;

/// <param name="DryRun">Reports, and changes nothing.</param>
public sealed record DirectorySyncJobArgs(bool DryRun);
