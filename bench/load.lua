-- The requests of wrk. MODE is get, list, pages, post or target (the path TARGET). IDS is a file of project ids; for pages, of query
-- strings. PREFIX is the path before /projects.
local mode, prefix, token = os.getenv("MODE"), os.getenv("PREFIX"), os.getenv("TOKEN")
local ids, made, mark = {}, 0, nil

-- DELAY: milliseconds that a connection waits before each request.
local pause = tonumber(os.getenv("DELAY") or "0")
if pause > 0 then function delay() return pause end end

function init()
  for line in io.lines(os.getenv("IDS")) do ids[#ids + 1] = line end
  mark = string.format("%x%x", os.time(), tonumber(tostring({}):match("0x(%x+)"), 16) % 0xffffff)
  math.randomseed(os.time())
  wrk.headers["Content-Type"] = "application/json"
  if (os.getenv("COOKIE") or "") ~= "" then wrk.headers["Cookie"] = os.getenv("COOKIE") end
  if token ~= "" then wrk.headers["Authorization"] = "Bearer " .. token end
end

function request()
  if mode == "get" then return wrk.format("GET", prefix .. "/projects/" .. ids[math.random(#ids)]) end
  if mode == "target" then return wrk.format("GET", prefix .. os.getenv("TARGET")) end
  if mode == "pages" then return wrk.format("GET", prefix .. "/projects?limit=20&" .. ids[math.random(#ids)]) end
  if mode == "list" then return wrk.format("GET", prefix .. "/projects?limit=20") end
  made = made + 1
  local name = "p" .. mark .. "-n" .. made
  return wrk.format("POST", prefix .. "/projects", nil,
    '{"name":"' .. name .. '","unix_name":"' .. name .. '","description":"made under load","visibility":"private","tags":["bench","wrk"]}')
end
