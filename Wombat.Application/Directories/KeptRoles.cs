namespace Wombat.Application.Directories;

/// <param name="Reason">Why groups took no role.</param>
public sealed record KeptRoles(string Reason);
