namespace Wombat.Application.Resources;

/// <summary>The kinds of jobs that every resource has.</summary>
public static class ResourceJobKinds
{
    public const string Provision = "resource.provision";
    public const string Start = "resource.start";
    public const string Stop = "resource.stop";
    public const string Restart = "resource.restart";
    public const string Keys = "resource.keys";
    public const string Deprovision = "resource.deprovision";
}
