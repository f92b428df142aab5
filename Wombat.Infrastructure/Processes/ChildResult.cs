namespace Wombat.Infrastructure.Processes;

/// <summary>A program's captured output.</summary>
/// <param name="ExitCode">0 for success.</param>
/// <param name="Output">Standard output.</param>
/// <param name="ErrorTail">The last lines of standard error.</param>
public sealed record ChildResult(int ExitCode, string Output, string ErrorTail);
