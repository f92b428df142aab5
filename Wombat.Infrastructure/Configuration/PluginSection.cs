namespace Wombat.Infrastructure.Configuration;

/// <summary>The settings of one plugin instance, <c>plugins.INSTANCE.*</c>, by the name that follows the instance.</summary>
/// <param name="reader">All settings.</param>
/// <param name="instance">The name of the instance.</param>
/// <param name="environment">The environment of the process, for variables of other programs.</param>
/// <param name="dataDirectory">The data directory of this Wombat.</param>
public sealed class PluginSection(
    SettingsReader reader,
    string instance,
    IReadOnlyDictionary<string, string> environment,
    string dataDirectory
)
{
    public string Instance => instance;

    public string DataDirectory => dataDirectory;

    public IReadOnlyDictionary<string, string> Environment => environment;

    /// <summary>The full name of a setting, for messages.</summary>
    public string NameOf(string setting) => $"plugins.{instance}.{setting}";

    public string? Text(string setting) => reader.Text(NameOf(setting));

    /// <summary>The value of an environment variable, if it is set, or else the setting.</summary>
    public string? Text(string setting, string variable) => reader.Text(NameOf(setting), environment, variable);

    public bool Flag(string setting, bool defaultValue) => reader.Flag(NameOf(setting), defaultValue);

    public int Number(string setting, int defaultValue, int min, int max) => reader.Number(NameOf(setting), defaultValue, min, max);

    public TimeSpan Seconds(string setting, double defaultValue, double min, double max) =>
        reader.Seconds(NameOf(setting), defaultValue, min, max);

    public IReadOnlyList<string>? List(string setting) => reader.List(NameOf(setting));

    /// <summary>The secret, or the content of the file that <c>SETTING_file</c> names.</summary>
    public string? Secret(string setting) => reader.Secret(NameOf(setting));

    /// <summary>Marks a setting that may contain secrets, so that its value is not shown.</summary>
    public void Hide(string setting) => reader.Hide(NameOf(setting));

    /// <summary>Creates an error that names the setting as the operator wrote it.</summary>
    public SettingsException Wrong(string setting, string problem) => reader.Wrong(NameOf(setting), problem);

    /// <summary>Accepts the settings of an instance that is not used.</summary>
    public void Skip() => reader.Skip(NameOf(""));

    /// <summary>
    /// Reports a wrong setting and returns <paramref name="defaultValue"/>, so that the next one is found in the same run.
    /// </summary>
    public T Report<T>(string setting, string problem, T defaultValue) => reader.Report(NameOf(setting), problem, defaultValue);
}
