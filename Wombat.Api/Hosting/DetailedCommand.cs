using System.CommandLine;

namespace Wombat.Api.Hosting;

/// <summary>A command whose help has details that the list of commands does not have.</summary>
internal sealed class DetailedCommand : Command
{
    public DetailedCommand(string name, string summary, string details, Func<ParseResult, CancellationToken, Task<int>> run)
        : base(name, summary)
    {
        Details = details;
        SetAction(run);
    }

    public string Details { get; }
}
