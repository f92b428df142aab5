namespace Wombat.Application.Directories;

/// <param name="Reason">Why roles were not removed.</param>
public sealed record KeptRoles(string Reason);
