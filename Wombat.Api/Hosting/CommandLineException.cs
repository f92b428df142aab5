namespace Wombat.Api.Hosting;

/// <summary>The command line cannot be understood; the message begins with the word in question.</summary>
internal sealed class CommandLineException(string message) : Exception(message);
