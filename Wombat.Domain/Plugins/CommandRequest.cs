namespace Wombat.Domain.Plugins;

/// <summary>A command to run inside a resource.</summary>
/// <param name="Arguments">The program and its arguments, passed on unchanged.</param>
/// <param name="Timeout">The time after which the command is ended.</param>
/// <param name="User">The user id inside the resource.</param>
public sealed record CommandRequest(IReadOnlyList<string> Arguments, TimeSpan Timeout, int User);
