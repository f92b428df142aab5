using System.CommandLine;

namespace Wombat.Api.Hosting;

/// <summary>A command whose own help says more than its line in the list of commands.</summary>
internal sealed class DetailedCommand(string name, string summary, string details) : Command(name, summary)
{
    public string Details => details;
}
