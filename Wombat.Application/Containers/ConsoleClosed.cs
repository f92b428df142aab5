namespace Wombat.Application.Containers;

/// <summary>The data of the event about the end of a console.</summary>
/// <param name="Name">The name of the container.</param>
/// <param name="ConsoleId">The same in both events of a console.</param>
/// <param name="DurationSeconds">How long it was open.</param>
/// <param name="Reason">Why it ended, such as <c>exited</c> or <c>idle</c>.</param>
/// <param name="ExitCode">The exit code of the shell; null if it did not exit by itself.</param>
public sealed record ConsoleClosed(string Name, Guid ConsoleId, double DurationSeconds, string Reason, int? ExitCode);
